package ogcard

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// deflater compresses a card (RFC 1951, one block with its own codes). compress/flate takes ten times as long for as many bytes: it looks for
// what is repeated anywhere, and in a card it is the line above or the byte before.
type deflater struct {
	tokens   []token
	literals [286]uint32 // how often each symbol occurs: bytes, the end, lengths
	places   [30]uint32  // and each distance's
	out      []byte
	held     uint64 // bits that are no whole byte yet
	count    uint
}

// token is a byte, or how many are those of the line above (up) or the byte before (run), in its upper bits.
type token uint32

const (
	single token = iota
	run
	up
)

// The ends of lengths: RFC 1951, 3.2.5.
const (
	shortestMatch = 3
	longestMatch  = 258
	endOfBlock    = 256
	longestCode   = 15
)

// compress gives lines of a stride as a zlib stream (RFC 1950). The bytes are the deflater's until the next call.
func (d *deflater) compress(data []byte, stride int) []byte {
	d.tokens, d.out, d.held, d.count = d.tokens[:0], append(d.out[:0], 0x78, 0x01), 0, 0
	d.literals, d.places = [286]uint32{}, [30]uint32{}
	d.scan(data, stride)
	d.literals[endOfBlock]++
	literals, places := codes(d.literals[:]), codes(d.places[:])
	d.head(literals, places)
	farther, extra, extraBits := distance(stride)
	for _, t := range d.tokens {
		kind, n := t&3, int(t>>2)
		if kind == single {
			d.put(literals[n])
			continue
		}
		symbol, more, moreBits := length(n)
		d.put(literals[symbol])
		d.bits(more, moreBits)
		if kind == run {
			d.put(places[0])
		} else {
			d.put(places[farther])
			d.bits(extra, extraBits)
		}
	}
	d.put(literals[endOfBlock])
	d.bits(0, (8-d.count%8)%8)
	d.flush()
	return binary.BigEndian.AppendUint32(d.out, adler(data, stride))
}

// scan finds what is repeated.
func (d *deflater) scan(data []byte, stride int) {
	farther, _, _ := distance(stride)
	for i := 0; i < len(data); {
		above, before := 0, 0
		if i >= stride && begins(data[i:], data[i-stride:]) {
			above = same(data[i:], data[i-stride:])
		}
		if i > 0 && above < longestMatch && begins(data[i:], data[i-1:]) {
			before = same(data[i:], data[i-1:])
		}
		n := max(above, before)
		switch {
		case n < shortestMatch:
			n = 1
			d.tokens = append(d.tokens, token(data[i])<<2) // a single one
			d.literals[data[i]]++
		case above >= before:
			d.matched(n, up, farther)
		default:
			d.matched(n, run, 0)
		}
		i += n
	}
}

func (d *deflater) matched(n int, kind token, place int) {
	d.tokens = append(d.tokens, token(n)<<2|kind)
	symbol, _, _ := length(n)
	d.literals[symbol]++
	d.places[place]++
}

// begins tells whether x and y begin alike, far enough for a match.
func begins(x, y []byte) bool {
	return len(x) >= shortestMatch && x[0] == y[0] && x[1] == y[1] && x[2] == y[2]
}

// same is how many bytes x begins with that y does too, longestMatch at most.
func same(x, y []byte) (n int) {
	most := min(len(x), longestMatch)
	for ; n+8 <= most; n += 8 {
		if differ := binary.LittleEndian.Uint64(x[n:]) ^ binary.LittleEndian.Uint64(y[n:]); differ != 0 {
			return n + bits.TrailingZeros64(differ)/8
		}
	}
	for n < most && x[n] == y[n] {
		n++
	}
	return n
}

// length gives a length's symbol and the bits that follow it.
func length(n int) (symbol int, extra uint64, extraBits uint) {
	if n == longestMatch {
		return 285, 0, 0
	}
	symbol, extra, extraBits = octaves(n-shortestMatch, 4)
	return 257 + symbol, extra, extraBits
}

// distance gives a distance's symbol and the bits that follow it.
func distance(n int) (symbol int, extra uint64, extraBits uint) { return octaves(n-1, 2) }

// octaves numbers values so that each power of two has as many symbols.
func octaves(n, each int) (symbol int, extra uint64, extraBits uint) {
	if n < 2*each {
		return n, 0, 0
	}
	extraBits = uint(bits.Len(uint(n)) - bits.Len(uint(each)))
	return each*int(extraBits) + n>>extraBits, uint64(n) & (1<<extraBits - 1), extraBits
}

// code is a symbol's bits, the first of them lowest.
type code struct {
	bits uint64
	n    uint
}

func (d *deflater) put(c code) { d.bits(c.bits, c.n) }

func (d *deflater) bits(b uint64, n uint) {
	d.held |= b << d.count
	if d.count += n; d.count >= 32 {
		d.out = binary.LittleEndian.AppendUint32(d.out, uint32(d.held))
		d.held >>= 32
		d.count -= 32
	}
}

func (d *deflater) flush() {
	for ; d.count > 0; d.count -= 8 {
		d.out = append(d.out, byte(d.held))
		d.held >>= 8
	}
}

// head begins the only block: the lengths of its codes, four bits each (RFC 1951, 3.2.7).
func (d *deflater) head(literals, places []code) {
	d.bits(1|2<<1, 3) // the last block, with codes of its own
	d.bits(uint64(len(literals)-257), 5)
	d.bits(uint64(len(places)-1), 5)
	d.bits(19-4, 4)
	for range 3 {
		d.bits(0, 3) // 16, 17, 18: nothing is repeated here
	}
	for range 16 {
		d.bits(4, 3)
	}
	for _, c := range slices.Concat(literals, places) {
		d.bits(uint64(bits.Reverse8(uint8(c.n))>>4), 4)
	}
}

// codes gives symbols their codes by how often they occur, none to those that do not (RFC 1951, 3.2.2). Two at least have one: a single code
// would be incomplete.
func codes(often []uint32) []code {
	lengths := codeLengths(slices.Clone(often))
	list, next := make([]code, len(often)), 0
	for n := uint(1); n <= longestCode; n++ {
		for symbol, l := range lengths {
			if l == n {
				list[symbol] = code{uint64(bits.Reverse16(uint16(next)) >> (16 - n)), n}
				next++
			}
		}
		next <<= 1
	}
	return list
}

// codeLengths are Huffman's. Where one would be too long, what is rare counts for more until none is.
func codeLengths(often []uint32) []uint {
	for i := 0; i < len(often) && used(often) < 2; i++ {
		often[i] = max(often[i], 1)
	}
	for {
		lengths := huffman(often)
		if slices.Max(lengths) <= longestCode {
			return lengths
		}
		for i, n := range often {
			often[i] = n/2 + n%2
		}
	}
}

func used(often []uint32) (n int) {
	for _, o := range often {
		n += int(min(o, 1))
	}
	return n
}

// huffman merges the two rarest until one is left; each merge makes what is merged a bit longer.
func huffman(often []uint32) []uint {
	type group struct {
		often   uint32
		symbols []int
	}
	var groups []group
	for symbol, n := range often {
		if n > 0 {
			groups = append(groups, group{n, []int{symbol}})
		}
	}
	rarest := func(x, y group) int { return int(x.often) - int(y.often) }
	slices.SortStableFunc(groups, rarest)
	lengths := make([]uint, len(often))
	for len(groups) > 1 {
		both := group{groups[0].often + groups[1].often, slices.Concat(groups[0].symbols, groups[1].symbols)}
		for _, symbol := range both.symbols {
			lengths[symbol]++
		}
		groups = groups[2:]
		at, _ := slices.BinarySearchFunc(groups, both, rarest)
		groups = slices.Insert(groups, at, both)
	}
	return lengths
}

// adler is the checksum of RFC 1950. A line that repeats the one above adds what that one added.
func adler(data []byte, stride int) uint32 {
	const mod = 65521
	var a, b, sum, weighed uint64 = 1, 0, 0, 0
	var last []byte
	for line := range slices.Chunk(data, stride) {
		if !bytes.Equal(line, last) {
			sum, weighed = weigh(line)
		}
		last = line
		b = (b + uint64(len(line))*a + weighed) % mod
		a = (a + sum) % mod
	}
	return uint32(b<<16 | a)
}

// weigh is the sum of a line's bytes, and of each as often as it and what follows it.
func weigh(line []byte) (sum, weighed uint64) {
	for _, c := range line {
		sum += uint64(c)
		weighed += sum
	}
	return sum, weighed
}
