// Package socket is the protocol between clients and the desk over a WebSocket:
// the handlers of the gateway's routes, and the frames both ways. What it
// promises to clients is in asyncapi.yaml, which a test compares with this code.
//
// $connect redeems a one-time ticket (Authorize) and notes the connection
// (Connect); every frame goes to Message, whose answer is the body that it
// returns; $disconnect (Disconnect) comes late or never. Frames may be handled
// in parallel and out of order: the order of a conversation is that of its
// entries, and clients keep one message in flight.
package socket
