package site

// Parse is parse, for FuzzConfig, which reads no file.
var Parse = parse
