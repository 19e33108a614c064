//go:build !unix

package publisher

// canSyncDirs tells that a folder can be opened and synced. Here a rename is as durable as the system makes it.
const canSyncDirs = false
