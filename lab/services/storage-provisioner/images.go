package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// claim names a PersistentVolumeClaim.
type claim struct{ namespace, name string }

// images keeps the image files of all volumes:
//
//	<namespace>_<claim>.img           the file system of the claim's present volume
//	retained/<volume>.img             of a volume that still exists but whose claim has a newer one
//	released/<volume>-<time>_<...>    of a volume that the cluster deleted
//	by-name/<volume>                  link to the volume's image
//	devices/<volume>                  link to the loop device that the image is attached to
//
// A Kubernetes name holds no underscore, so the file names are unambiguous.
type images struct {
	mutex    sync.Mutex
	data     string
	attached map[string]*loop // by volume name
}

func openImages(data string) (*images, error) {
	i := &images{data: data, attached: map[string]*loop{}}
	// Where earlier versions kept the images.
	if err := lift(filepath.Join(data, "volumes"), data); err != nil {
		return nil, err
	}
	for _, folder := range []string{"retained", "released", "by-name", "devices"} {
		if err := os.MkdirAll(filepath.Join(data, folder), 0o700); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// lift moves everything in a folder to another one and removes it, where it is there. It replaces nothing, and goes on where
// it was cut off. Relative links between what is moved stay valid.
func lift(from, to string) error {
	entries, err := os.ReadDir(from)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		source, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		present, err := os.Lstat(target)
		switch {
		case os.IsNotExist(err):
			err = os.Rename(source, target)
		case err == nil && present.IsDir() && entry.IsDir():
			err = lift(source, target)
		case err == nil:
			err = fmt.Errorf("%s and %s both exist: move away the one that is not wanted", source, target)
		}
		if err != nil {
			return err
		}
	}
	return os.Remove(from)
}

// attachAll attaches every volume's image and points the devices folder at the loop devices of this boot.
func (i *images) attachAll() error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	stale, err := os.ReadDir(filepath.Join(i.data, "devices"))
	if err != nil {
		return err
	}
	for _, entry := range stale {
		if err := os.Remove(i.device(entry.Name())); err != nil {
			return err
		}
	}
	names, err := os.ReadDir(filepath.Join(i.data, "by-name"))
	if err != nil {
		return err
	}
	for _, entry := range names {
		image, err := filepath.EvalSymlinks(i.link(entry.Name()))
		if os.IsNotExist(err) {
			fmt.Fprintf(os.Stderr, "volume %s has lost its image\n", entry.Name())
			continue
		}
		if err != nil {
			return err
		}
		if err := i.attach(entry.Name(), image); err != nil {
			return err
		}
	}
	return nil
}

// provide makes sure that the volume has an attached image of at least size bytes, and returns the path of its device.
// An image that the claim had before is used again, unless another volume that still exists owns it: then that image is
// kept for its volume and the claim gets a new one, as from a cloud's block storage.
func (i *images) provide(c claim, volume string, size int64, exists func(volume string) (bool, error)) (string, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.attached[volume] != nil { // a provisioning that was cut off after its work was done
		return i.device(volume), i.growAttached(volume, size)
	}
	image := filepath.Join(i.data, c.namespace+"_"+c.name+".img")
	if err := i.settlePreviousOwners(image, volume, exists); err != nil {
		return "", err
	}
	if err := makeImage(image, size); err != nil {
		return "", err
	}
	if err := replaceLink(filepath.Join("..", filepath.Base(image)), i.link(volume)); err != nil {
		return "", err
	}
	if err := i.attach(volume, image); err != nil {
		return "", err
	}
	return i.device(volume), i.growAttached(volume, size)
}

// settlePreviousOwners forgets the volumes that pointed at this image and no longer exist, and gives the image for good to
// one that does.
func (i *images) settlePreviousOwners(image, volume string, exists func(string) (bool, error)) error {
	names, err := os.ReadDir(filepath.Join(i.data, "by-name"))
	if err != nil {
		return err
	}
	for _, entry := range names {
		owner := entry.Name()
		target, err := filepath.EvalSymlinks(i.link(owner))
		if owner == volume || err != nil || target != image {
			continue
		}
		alive, err := exists(owner)
		if err != nil {
			return err
		}
		if !alive {
			if err := i.forget(owner); err != nil {
				return err
			}
			continue
		}
		if err := os.Rename(image, filepath.Join(i.data, "retained", owner+".img")); err != nil {
			return err
		}
		if err := replaceLink(filepath.Join("../retained", owner+".img"), i.link(owner)); err != nil {
			return err
		}
	}
	return nil
}

// errMounted tells that a file system cannot be enlarged while a pod uses it.
var errMounted = errors.New("the volume is mounted, and enlarging it then needs the capability SYS_RESOURCE")

// grow enlarges an attached volume to size bytes, never shrinks it. A mounted file system is left for the kubelet to
// enlarge; where the kernel would not let it, the result is errMounted and nothing is changed.
func (i *images) grow(volume string, size int64) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.growAttached(volume, size)
}

func (i *images) growAttached(volume string, size int64) error {
	l := i.attached[volume]
	if l == nil {
		return fmt.Errorf("volume %s is not attached", volume)
	}
	image, err := filepath.EvalSymlinks(i.link(volume))
	if err != nil {
		return err
	}
	info, err := os.Stat(image)
	if err != nil || info.Size() >= size {
		return err
	}
	mounted, err := l.isMounted()
	if err != nil {
		return err
	}
	if mounted && !mayResizeMounted() {
		return errMounted
	}
	if err := os.Truncate(image, size); err != nil {
		return err
	}
	if err := l.refreshSize(); err != nil || mounted {
		return err
	}
	return growFilesystem(l.path)
}

// growFilesystem makes an ext4 file system as large as its device. Both tools claim the device for themselves, so a pod that
// starts meanwhile waits.
func growFilesystem(device string) error {
	// resize2fs wants a check since the last mount; exit code 1 means that errors were corrected.
	if err := output("e2fsck", "-f", "-p", device); err != nil && exitCode(err) != 1 {
		return err
	}
	return output("resize2fs", device)
}

// release moves the image of a deleted volume aside and lets its loop device go.
func (i *images) release(volume string) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	image, err := filepath.EvalSymlinks(i.link(volume))
	if err == nil {
		at := time.Now().UTC().Format("20060102T150405Z")
		aside := fmt.Sprintf("%s-%s_%s", strings.TrimSuffix(filepath.Base(image), ".img"), at, volume)
		err = os.Rename(image, filepath.Join(i.data, "released", aside+".img"))
	}
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return i.forget(volume)
}

// forget removes a volume's name and device link and closes its loop device. Its image stays.
func (i *images) forget(volume string) error {
	for _, path := range []string{i.link(volume), i.device(volume)} {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if l := i.attached[volume]; l != nil {
		delete(i.attached, volume)
		return l.close()
	}
	return nil
}

func (i *images) attach(volume, image string) error {
	l, err := attachLoop(image)
	if err != nil {
		return fmt.Errorf("attaching %s: %w", image, err)
	}
	if previous := i.attached[volume]; previous != nil {
		_ = previous.close()
	}
	i.attached[volume] = l
	return replaceLink(l.path, i.device(volume))
}

func (i *images) link(volume string) string   { return filepath.Join(i.data, "by-name", volume) }
func (i *images) device(volume string) string { return filepath.Join(i.data, "devices", volume) }

// makeImage makes a sparse ext4 image of this size. One that is there stays as it is.
func makeImage(path string, size int64) error {
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		return err
	}
	return formatImage(path, size)
}

func formatImage(path string, size int64) error {
	unfinished := path + ".unfinished"
	file, err := os.OpenFile(unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Truncate(unfinished, size); err != nil {
		return err
	}
	// Inode tables are zeroed here, as holes, not by the kernel later; the journal of a new file is zeroes already. So the
	// image stays small.
	if err := output("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=1,root_owner=0:0", unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// replaceLink makes or changes a symbolic link in one step.
func replaceLink(target, link string) error {
	unfinished := filepath.Join(filepath.Dir(link), ".unfinished-"+filepath.Base(link))
	_ = os.Remove(unfinished)
	if err := os.Symlink(target, unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, link)
}

func output(name string, arguments ...string) error {
	text, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(text)))
	}
	return nil
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
