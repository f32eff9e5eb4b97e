package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// These tests use real loop devices and file systems, and so need root.

const mebibyte = 1 << 20

var notebook = claim{"bots", "clovis-state"}

func newImages(t *testing.T, data string) *images {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loop devices need root")
	}
	i, err := openImages(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(i) })
	return i
}

// closeAll does what the kernel does when the provisioner dies.
func closeAll(i *images) {
	for volume, l := range i.attached {
		_ = l.close()
		delete(i.attached, volume)
	}
}

func alive(volumes ...string) func(string) (bool, error) {
	return func(name string) (bool, error) {
		for _, volume := range volumes {
			if volume == name {
				return true, nil
			}
		}
		return false, nil
	}
}

// mounted runs work on the mounted file system of a device, as a pod would.
func mounted(t *testing.T, device string, work func(folder string)) {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount(device, folder, "ext4", 0, ""); err != nil {
		t.Fatalf("mounting %s: %v", device, err)
	}
	defer func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Errorf("unmounting %s: %v", device, err)
		}
	}()
	work(folder)
}

func remember(t *testing.T, device, text string) {
	mounted(t, device, func(folder string) {
		if err := os.WriteFile(filepath.Join(folder, "MEMORY.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	})
}

func recall(t *testing.T, device string) (text string) {
	mounted(t, device, func(folder string) {
		content, _ := os.ReadFile(filepath.Join(folder, "MEMORY.md"))
		text = string(content)
	})
	return text
}

func provide(t *testing.T, i *images, volume string, size int64, existing ...string) string {
	t.Helper()
	device, err := i.provide(notebook, volume, size, alive(existing...))
	if err != nil {
		t.Fatal(err)
	}
	return device
}

func TestVolumeHasTheSizeThatWasAskedForAndTakesLittleRoom(t *testing.T) {
	data := t.TempDir()
	device := provide(t, newImages(t, data), "pvc-1", 1024*mebibyte)
	mounted(t, device, func(folder string) {
		if total := sizeOf(t, folder); total < 900*mebibyte || total > 1024*mebibyte {
			t.Errorf("file system of %d MiB", total/mebibyte)
		}
		if _, err := os.Stat(filepath.Join(folder, "lost+found")); err != nil {
			t.Error(err)
		}
	})
	info, err := os.Stat(filepath.Join(data, "bots_clovis-state.img"))
	if err != nil {
		t.Fatal(err)
	}
	if used := info.Sys().(*syscall.Stat_t).Blocks * 512; used > 16*mebibyte {
		t.Errorf("empty image takes %d MiB", used/mebibyte)
	}
}

func TestClaimOfARebuiltClusterFindsItsData(t *testing.T) {
	data := t.TempDir()
	before := newImages(t, data)
	remember(t, provide(t, before, "pvc-1", 64*mebibyte), "the user likes tea")
	closeAll(before)
	after := newImages(t, data)
	if err := after.attachAll(); err != nil {
		t.Fatal(err)
	}
	if text := recall(t, provide(t, after, "pvc-2", 128*mebibyte)); text != "the user likes tea" {
		t.Errorf("found %q", text)
	}
	if _, err := os.Lstat(after.device("pvc-1")); !os.IsNotExist(err) {
		t.Errorf("the old volume's device is still there: %v", err)
	}
}

// Earlier versions kept all but the device links in a folder "volumes" of their own.
func TestImagesOfAnEarlierVersionAreFound(t *testing.T) {
	data := t.TempDir()
	before := newImages(t, data)
	remember(t, provide(t, before, "pvc-1", 64*mebibyte), "the user likes tea")
	provide(t, before, "pvc-2", 64*mebibyte, "pvc-1")
	closeAll(before)
	if err := os.MkdirAll(filepath.Join(data, "volumes/released"), 0o700); err != nil {
		t.Fatal(err)
	}
	// All but "released": as if a move had been cut off.
	for _, name := range []string{"bots_clovis-state.img", "retained", "by-name"} {
		if err := os.Rename(filepath.Join(data, name), filepath.Join(data, "volumes", name)); err != nil {
			t.Fatal(err)
		}
	}
	after := newImages(t, data)
	if err := after.attachAll(); err != nil {
		t.Fatal(err)
	}
	if text := recall(t, after.device("pvc-1")); text != "the user likes tea" {
		t.Errorf("found %q", text)
	}
	if text := recall(t, after.device("pvc-2")); text != "" {
		t.Errorf("the newer volume has %q", text)
	}
	if _, err := os.Lstat(filepath.Join(data, "volumes")); !os.IsNotExist(err) {
		t.Errorf("the old folder is still there: %v", err)
	}
}

func TestLiftingReplacesNothing(t *testing.T) {
	data := t.TempDir()
	for name, text := range map[string]string{"volumes/one.img": "old", "one.img": "new"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := lift(filepath.Join(data, "volumes"), data); err == nil || !strings.Contains(err.Error(), "both exist") {
		t.Errorf("got %v", err)
	}
	for name, text := range map[string]string{"volumes/one.img": "old", "one.img": "new"} {
		if content, err := os.ReadFile(filepath.Join(data, name)); err != nil || string(content) != text {
			t.Errorf("%s has %q, %v", name, content, err)
		}
	}
}

func TestVolumesAreAttachedAgainAfterADeath(t *testing.T) {
	data := t.TempDir()
	before := newImages(t, data)
	device := provide(t, before, "pvc-1", 64*mebibyte)
	remember(t, device, "kept")
	closeAll(before)
	after := newImages(t, data)
	if err := after.attachAll(); err != nil {
		t.Fatal(err)
	}
	if text := recall(t, device); text != "kept" {
		t.Errorf("found %q", text)
	}
}

func TestImageThatIsStillMountedIsNotAttachedTwice(t *testing.T) {
	data := t.TempDir()
	before := newImages(t, data)
	device := provide(t, before, "pvc-1", 64*mebibyte)
	mounted(t, device, func(string) {
		loopBefore, _ := os.Readlink(device)
		closeAll(before)
		after := newImages(t, data)
		if err := after.attachAll(); err != nil {
			t.Fatal(err)
		}
		if loopAfter, _ := os.Readlink(device); loopAfter != loopBefore {
			t.Errorf("attached to %s and to %s", loopBefore, loopAfter)
		}
	})
}

func TestImageOfAVolumeThatStillExistsIsNotTakenFromIt(t *testing.T) {
	i := newImages(t, t.TempDir())
	remember(t, provide(t, i, "pvc-1", 64*mebibyte), "of the first")
	second := provide(t, i, "pvc-2", 64*mebibyte, "pvc-1")
	if text := recall(t, second); text != "" {
		t.Errorf("the second volume holds %q", text)
	}
	if text := recall(t, i.device("pvc-1")); text != "of the first" {
		t.Errorf("the first volume holds %q", text)
	}
}

func TestDeletedVolumeIsSetAside(t *testing.T) {
	data := t.TempDir()
	i := newImages(t, data)
	remember(t, provide(t, i, "pvc-1", 64*mebibyte), "precious")
	if err := i.release("pvc-1"); err != nil {
		t.Fatal(err)
	}
	if err := i.release("pvc-1"); err != nil {
		t.Errorf("releasing again: %v", err)
	}
	released, _ := filepath.Glob(filepath.Join(data, "released/bots_clovis-state-*_pvc-1.img"))
	if len(released) != 1 {
		t.Fatalf("released: %v", released)
	}
	if text := recall(t, provide(t, i, "pvc-2", 64*mebibyte)); text != "" {
		t.Errorf("a new volume holds %q", text)
	}
}

func sizeOf(t *testing.T, folder string) int64 {
	t.Helper()
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil {
		t.Fatal(err)
	}
	return int64(stat.Blocks) * stat.Bsize
}

func TestUnmountedVolumeGrowsAndKeepsItsData(t *testing.T) {
	i := newImages(t, t.TempDir())
	device := provide(t, i, "pvc-1", 64*mebibyte)
	remember(t, device, "kept")
	if err := i.grow("pvc-1", 256*mebibyte); err != nil {
		t.Fatal(err)
	}
	if err := i.grow("pvc-1", 64*mebibyte); err != nil {
		t.Fatal(err)
	}
	mounted(t, device, func(folder string) {
		if size := sizeOf(t, folder); size < 200*mebibyte {
			t.Errorf("file system of %d MiB", size/mebibyte)
		}
	})
	if text := recall(t, device); text != "kept" {
		t.Errorf("found %q", text)
	}
}

func TestMountedVolumeGrowsWhereTheKernelAllowsIt(t *testing.T) {
	i := newImages(t, t.TempDir())
	device := provide(t, i, "pvc-1", 64*mebibyte)
	mounted(t, device, func(folder string) {
		err := i.grow("pvc-1", 256*mebibyte)
		if !mayResizeMounted() {
			if !errors.Is(err, errMounted) {
				t.Errorf("got %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := output("resize2fs", device); err != nil { // the kubelet's part
			t.Fatal(err)
		}
		if size := sizeOf(t, folder); size < 200*mebibyte {
			t.Errorf("file system of %d MiB", size/mebibyte)
		}
	})
}

func TestNothingIsLeftAttachedAfterADeath(t *testing.T) {
	data := t.TempDir()
	i := newImages(t, data)
	provide(t, i, "pvc-1", 64*mebibyte)
	closeAll(i)
	backing, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
	for _, path := range backing {
		if content, _ := os.ReadFile(path); strings.HasPrefix(string(content), data) {
			t.Errorf("%s is still attached to %s", path, content)
		}
	}
}
