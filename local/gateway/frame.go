package gateway

import (
	"bufio"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"net/http"
)

// errFrameTooLarge is what a read meets, once, before a data frame that is
// larger than allowed. Reading on delivers the frame, so that the closing
// handshake can skip it.
var errFrameTooLarge = errors.New("frame too large")

// framed is a ResponseWriter whose hijacked connection knows where frames
// begin: the WebSocket library shows messages only.
type framed struct {
	http.ResponseWriter
	max int
}

// Hijack implements http.Hijacker.
func (f framed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(f.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	fc := &frameConn{Conn: nc, r: rw.Reader, max: int64(f.max)}
	return fc, bufio.NewReadWriter(bufio.NewReader(fc), rw.Writer), nil
}

// A frameConn reads one frame at a time: no Read crosses the end of a frame.
// So the reader above it has used up all earlier frames when the header of the
// next one is looked at.
type frameConn struct {
	net.Conn
	r        *bufio.Reader
	max      int64
	left     int64 // bytes of the current frame not yet read
	reported bool
}

// Read implements io.Reader.
func (f *frameConn) Read(p []byte) (int, error) {
	if f.left == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n, err := f.r.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, err
}

// next measures the frame that begins here (RFC 6455, section 5.2).
func (f *frameConn) next() error {
	h, err := f.r.Peek(2)
	if err != nil {
		return err
	}
	data, header, length := h[0]&0x0f < 8, 2, uint64(h[1]&0x7f)
	if h[1]&0x80 != 0 {
		header += 4 // masking key
	}
	switch length {
	case 126:
		if h, err = f.r.Peek(4); err != nil {
			return err
		}
		header, length = header+2, uint64(binary.BigEndian.Uint16(h[2:]))
	case 127:
		if h, err = f.r.Peek(10); err != nil {
			return err
		}
		header, length = header+8, binary.BigEndian.Uint64(h[2:])
	}
	length = min(length, math.MaxInt64-16)
	if data && int64(length) > f.max && !f.reported {
		f.reported = true
		return errFrameTooLarge
	}
	f.left = int64(header) + int64(length)
	return nil
}
