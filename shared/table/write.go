package table

import "slices"

// A Write is what is done to one item: the functions of this file return it.
type Write struct {
	Key       Key
	Kind      WriteKind
	Put       Item     // what a Put stores
	Changes   []Change // what an Update changes
	Condition Condition

	// Optional says that the write is left out where its condition is not met.
	Optional bool
	// Once says that an Update is made once even if an attempt gets no answer and is made
	// again. It costs as much as a transaction. Without it a change that is not the same
	// when it is made twice (Add) may be.
	Once bool
	// Returns says that Commit returns the item, if the write is alone.
	Returns bool
}

// A WriteKind is what a Write does.
type WriteKind uint8

// The kinds.
const (
	PutItem    WriteKind = iota // replaces the item, or makes it
	UpdateItem                  // changes attributes; of a new item where there is none
	DeleteItem
)

// Put returns the write that stores an item.
func Put(k Key, it Item) Write { return Write{Key: k, Kind: PutItem, Put: it} }

// Update returns the write that changes attributes, each of them once.
func Update(k Key, changes ...Change) Write { return Write{Key: k, Kind: UpdateItem, Changes: changes} }

// Delete returns the write that deletes an item, or does nothing where there is none.
func Delete(k Key) Write { return Write{Key: k, Kind: DeleteItem} }

// If returns w on a condition.
func (w Write) If(c Condition) Write {
	w.Condition = c
	return w
}

// OrSkip returns w as optional.
func (w Write) OrSkip() Write {
	w.Optional = true
	return w
}

// ExactlyOnce returns w to be made once.
func (w Write) ExactlyOnce() Write {
	w.Once = true
	return w
}

// Returning returns w with the item asked for.
func (w Write) Returning() Write {
	w.Returns = true
	return w
}

// A Change changes one attribute in an Update.
type Change struct {
	Action Action
	Name   string
	Value  Value
}

// An Action is what a Change does.
type Action uint8

// The actions.
const (
	DoSet Action = iota
	DoSetIfAbsent
	DoRemove
	DoAdd
	DoInclude
	DoExclude
)

// SetTo sets an attribute.
func SetTo(name string, v Value) Change { return Change{DoSet, name, v} }

// SetIfAbsent sets an attribute that is not there.
func SetIfAbsent(name string, v Value) Change { return Change{DoSetIfAbsent, name, v} }

// Remove removes an attribute.
func Remove(name string) Change { return Change{DoRemove, name, Value{}} }

// Add adds to a Number, which is 0 where it is not there.
func Add(name string, n int64) Change { return Change{DoAdd, name, Int(n)} }

// Include adds members to a Set.
func Include[S ~string](name string, members ...S) Change {
	return Change{DoInclude, name, SetOf(members...)}
}

// Exclude takes members from a Set.
func Exclude[S ~string](name string, members ...S) Change {
	return Change{DoExclude, name, SetOf(members...)}
}

// Apply returns the item after w, and whether there is one. It does not look at the condition.
func (w Write) Apply(it Item) (Item, bool) {
	switch w.Kind {
	case PutItem:
		return w.Put, true
	case DeleteItem:
		return nil, false
	}
	if it == nil {
		it = Item{}
	}
	for _, c := range w.Changes {
		it = c.apply(it, it.Get(c.Name))
	}
	return it, true
}

func (c Change) apply(it Item, old Value) Item {
	switch c.Action {
	case DoSet:
		return it.With(c.Name, c.Value)
	case DoSetIfAbsent:
		if old.kind == None {
			return it.With(c.Name, c.Value)
		}
	case DoRemove:
		return it.With(c.Name, Value{})
	case DoAdd:
		return it.With(c.Name, Int(old.Int()+c.Value.Int()))
	case DoInclude:
		return it.With(c.Name, SetOf(append(old.Members(), c.Value.Members()...)...))
	case DoExclude:
		left := slices.DeleteFunc(old.Members(), func(m string) bool { return slices.Contains(c.Value.Members(), m) })
		return it.With(c.Name, SetOf(left...))
	}
	return it
}
