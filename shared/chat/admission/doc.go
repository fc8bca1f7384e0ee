// Package admission decides whether a person may enter the chat now, and says why, and when to
// come back.
//
// It asks three questions in this order, each with its own answer. Is the login strong enough?
// Is this role and province admitted on this date? Is the desk open, and is there room before
// it closes? A person whom the second question refuses is never told "come back at 15:00".
//
// The same pure code answers the page, the socket, the API and the previews. The code that
// commits an admission calls it with the server's clock.
package admission
