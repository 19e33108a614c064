//go:build unix

package publisher

// canSyncDirs tells that a folder can be opened and synced.
const canSyncDirs = true
