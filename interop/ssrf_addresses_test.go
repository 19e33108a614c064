//go:build linux

package interop

// hostile are addresses that are not public, as they can stand in a URL, in a DNS answer and in a Location.
var hostile = []string{
	// this network, loopback, private, carrier-grade NAT
	"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.0.0.1", "0.255.255.255",
	"10.0.0.1", "10.1.2.3", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
	"100.64.0.1", "100.100.100.200", "100.127.255.255",
	// link-local and what clouds answer their machines at
	"169.254.0.1", "169.254.169.254", "169.254.170.2", "168.63.129.16",
	// protocol assignments, documentation, benchmarking, 6to4 relays, AS112 and AMT, reserved, multicast, broadcast
	"192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
	"198.51.100.1", "203.0.113.1", "240.0.0.1", "255.255.255.254", "255.255.255.255", "224.0.0.1", "239.255.255.250",
	// IPv6: unspecified, loopback, IPv4 within (compatible, mapped, translated, NAT64, 6to4, Teredo)
	"[::]", "[::1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
	"[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]",
	"[2002:a9fe:a9fe::1]", "[2001::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
	// discard, documentation, ORCHID, drone ids, segment routing, unique local, link-local, site-local, multicast, not yet given out
	"[100::1]", "[100:0:0:1::1]", "[2001:2::1]", "[2001:db8::1]", "[3fff::1]", "[2001:10::1]", "[2001:20::1]", "[2001:30::1]", "[5f00::1]",
	"[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]",
	"[1::1]", "[4000::1]", "[2620:4f:8000::1]",
}

// spelled are hosts that mean such an address to some reader of addresses, or a name that is good inside one network alone. The
// name server of the test answers all of them with 127.0.0.1.
var spelled = []string{
	"0", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f.0.0.1", "0x7f000001", "0X7F.0X1", "017700000001", "0177.0.0.1", "127.0.0.1.", "127.0.0.1..",
	"１２７.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①", "localhost", "LOCALHOST", "localhost.", "foo.localhost", "foo.localhost.", "ｌｏｃａｌｈｏｓｔ",
	"[fe80::1%25lo]", "[::1%25lo]", "5.5.5.5@127.0.0.1", "5.5.5.5%40127.0.0.1", "127.0.0.1%2f.example", "127.0.0.1%00.example", "127.0.0.1\\.example",
	"db.internal", "metadata.google.internal", "router.home.arpa", "hidden.onion",
	"5.5.5.5:22", "5.5.5.5:25", "5.5.5.5:6667",
}
