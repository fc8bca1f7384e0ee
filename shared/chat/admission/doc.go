// Package admission decides whether a person may enter the chat now, and says
// why and when to come back.
//
// Three questions are asked in this order, each with its own answer: is the
// login strong enough? is this role and province admitted on this date? is the
// desk open, and is there room before it closes? Somebody whom the second one
// refuses is never told "come back at 15:00".
//
// The same pure code answers the page, the socket, the API and the previews.
// What commits an admission calls it with the server's clock.
package admission
