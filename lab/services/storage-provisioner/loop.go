package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const loopMajor = 7 // Documentation/admin-guide/devices.txt

// loop is an attached loop device. It is held open for as long as the provisioner lives, and it detaches by itself when
// neither the provisioner nor a mount uses it any more: a lab that dies leaves no device behind.
type loop struct {
	file *os.File
	path string
}

func (l *loop) close() error { return l.file.Close() }

// refreshSize makes the device as large as its file has become.
func (l *loop) refreshSize() error {
	return unix.IoctlSetInt(int(l.file.Fd()), unix.LOOP_SET_CAPACITY, 0)
}

// isMounted tells whether a file system on the device is in use: only then does the kernel refuse an exclusive opening.
func (l *loop) isMounted() (bool, error) {
	file, err := os.OpenFile(l.path, os.O_RDONLY|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.EBUSY) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, file.Close()
}

// mayResizeMounted tells whether the kernel lets this process, and so the kubelet beside it, enlarge a mounted ext4.
func mayResizeMounted() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[unix.CAP_SYS_RESOURCE/32].Effective&(1<<(unix.CAP_SYS_RESOURCE%32)) != 0
}

// attachLoop attaches the image to a loop device, or opens the one that a mount still holds it on: two devices on one
// image would corrupt it.
func attachLoop(image string) (*loop, error) {
	file, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if l, err := findLoop(file); err != nil {
		return nil, err
	} else if l != nil {
		return l, l.refreshSize()
	}
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	for attempt := 0; attempt < 64; attempt++ {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("asking for a free loop device: %w", err)
		}
		l, err := configureLoop(number, file)
		if !errors.Is(err, unix.EBUSY) { // EBUSY: another process took the device first
			return l, err
		}
	}
	return nil, errors.New("no free loop device")
}

func configureLoop(number int, image *os.File) (*loop, error) {
	l, err := openLoop(number)
	if err != nil {
		return nil, err
	}
	config := unix.LoopConfig{Fd: uint32(image.Fd())}
	config.Info.Flags = unix.LO_FLAGS_AUTOCLEAR
	copy(config.Info.File_name[:len(config.Info.File_name)-1], filepath.Base(image.Name()))
	if err := unix.IoctlLoopConfigure(int(l.file.Fd()), &config); err != nil {
		_ = l.close()
		return nil, err
	}
	return l, nil
}

// openLoop opens /dev/loop<number>, which it makes where nothing else does: a container's /dev does not follow the kernel.
func openLoop(number int) (*loop, error) {
	path := "/dev/loop" + strconv.Itoa(number)
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_CLOEXEC, 0)
	if os.IsNotExist(err) {
		if err := unix.Mknod(path, unix.S_IFBLK|0o660, int(unix.Mkdev(loopMajor, uint32(number)))); err != nil && !os.IsExist(err) {
			return nil, fmt.Errorf("making %s: %w", path, err)
		}
		file, err = os.OpenFile(path, os.O_RDWR|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return nil, err
	}
	return &loop{file: file, path: path}, nil
}

// findLoop returns the device that is attached to this very file, by inode, or nil.
func findLoop(image *os.File) (*loop, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(int(image.Fd()), &stat); err != nil {
		return nil, err
	}
	devices, err := filepath.Glob("/sys/block/loop*/loop/backing_file") // only attached devices have it
	if err != nil {
		return nil, err
	}
	for _, device := range devices {
		name := filepath.Base(filepath.Dir(filepath.Dir(device)))
		number, err := strconv.Atoi(strings.TrimPrefix(name, "loop"))
		if err != nil {
			continue
		}
		l, err := openLoop(number)
		if err != nil {
			continue
		}
		info, err := unix.IoctlLoopGetStatus64(int(l.file.Fd()))
		if err == nil && info.Inode == stat.Ino && info.Device == stat.Dev {
			return l, nil
		}
		_ = l.close()
	}
	return nil, nil
}
