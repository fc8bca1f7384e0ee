// Package socket is the protocol between clients and the desk over a WebSocket: the handlers
// of the gateway's routes, and the frames in both directions. asyncapi.yaml says what clients
// can rely on, and a test compares it with this code.
//
// On $connect, Authorize redeems a one-time ticket and Connect records the connection. Every
// frame goes to Message, which returns the answer as the body of its response. Disconnect
// handles $disconnect, which comes late or never. Frames may be handled in parallel and out of
// order. The numbers of the entries give the order of a conversation, and a client has one
// message in flight at a time.
package socket
