package httpapi

import (
	"errors"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/code"
	"infocig/shared/http/rest"
)

// badQuery is err for who asked for the availability: which parameter is wrong.
func badQuery(err error) error {
	if param, ok := errors.AsType[*admission.ParamError](err); ok {
		return &rest.Problem{Code: code.Invalid, Param: param.Param, Reason: string(param.Reason)}
	}
	return err
}

// detailed adds to an Invalid what is wrong with the input. It is for staff.
func detailed(err error) error {
	if errors.Is(err, code.Invalid) {
		p := &rest.Problem{Code: code.Invalid, Detail: err.Error()}
		if bad, ok := errors.AsType[*conversation.BadText](err); ok {
			p.Character = bad.Character()
		}
		return p
	}
	return err
}
