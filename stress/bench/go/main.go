// Go's channel under the workloads of cpp/peers.cpp: peers go WORKLOAD MESSAGES, prints a line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func per(begin time.Time, n int) float64 {
	return float64(time.Since(begin).Nanoseconds()) / float64(n)
}

var weighed int
var room = 1024 // of each channel

func stream[T any](messages, senders int, make_ func(int) T, weight func(T) int) float64 {
	each := messages / senders
	c := make(chan T, room)
	var there, done sync.WaitGroup
	start := make(chan struct{})
	there.Add(senders)
	done.Add(senders)
	for s := 0; s < senders; s++ {
		go func() {
			there.Done()
			<-start
			for i := 0; i < each; i++ {
				c <- make_(i)
			}
			done.Done()
		}()
	}
	there.Wait()
	begin := time.Now()
	close(start)
	go func() { done.Wait(); close(c) }()
	for v := range c {
		weighed += weight(v)
	}
	return per(begin, each*senders)
}

func number(i int) uint64    { return uint64(i) }
func parity(v uint64) int    { return int(v & 1) }
func text(i int) string      { return strings.Repeat(string(rune('a'+i%26)), 32) }
func length(s string) int    { return len(s) }
func words8(i int) [8]uint64 { return [8]uint64{uint64(i)} }
func words32(i int) [32]uint64 {
	return [32]uint64{uint64(i)}
}
func words128(i int) [128]uint64 {
	return [128]uint64{uint64(i)}
}

func pingPong(trips int) float64 {
	ping, pong := make(chan uint64, room), make(chan uint64, room)
	go func() {
		for i := 0; i < trips; i++ {
			pong <- <-ping
		}
	}()
	begin := time.Now()
	for i := 0; i < trips; i++ {
		ping <- uint64(i)
		weighed += int(<-pong)
	}
	return per(begin, trips)
}

func sameThread(messages int) float64 {
	c := make(chan uint64, room)
	begin := time.Now()
	for i := 0; i < messages; i++ {
		c <- uint64(i)
		weighed += int(<-c)
	}
	return per(begin, messages)
}

func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			kilobytes, _ := strconv.ParseFloat(strings.Fields(line)[1], 64)
			return kilobytes * 1024
		}
	}
	return 0
}

func burst(messages int) (float64, float64) {
	before := peakMemory()
	begin := time.Now()
	c := make(chan uint64, messages)
	for i := 0; i < messages; i++ {
		c <- uint64(i)
	}
	for i := 0; i < messages; i++ {
		weighed += int(<-c)
	}
	return per(begin, messages), (peakMemory() - before) / float64(messages)
}

func createUseDrop(times int) float64 {
	begin := time.Now()
	for i := 0; i < times; i++ {
		c := make(chan uint64, 1)
		c <- uint64(i)
		weighed += int(<-c)
	}
	return per(begin, times)
}

func idleWakeup(times int) map[string]any {
	c := make(chan int64, room)
	origin := time.Now()
	go func() {
		for i := 0; i < times; i++ {
			time.Sleep(time.Millisecond)
			c <- time.Since(origin).Nanoseconds()
		}
	}()
	latencies := make([]float64, times)
	for i := range latencies {
		sent := <-c
		latencies[i] = float64(time.Since(origin).Nanoseconds() - sent)
	}
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	cpu := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
	sort.Float64s(latencies)
	result := map[string]any{"ns": latencies[times/2], "cpu_us": cpu / float64(times)}
	for p := 1; p < 100; p++ {
		result["p"+strconv.Itoa(p)] = latencies[times*p/100]
	}
	return result
}

func run(workload string, n int) map[string]any {
	warmUp := func(work func(int) float64) map[string]any {
		work(n/10 + 1)
		return map[string]any{"ns": work(n)}
	}
	if strings.HasPrefix(workload, "mpsc-") {
		senders, _ := strconv.Atoi(workload[len("mpsc-"):])
		return warmUp(func(m int) float64 { return stream(m, senders, number, parity) })
	}
	switch workload {
	case "spsc":
		return warmUp(func(m int) float64 { return stream(m, 1, number, parity) })
	case "pingpong", "pingpong-1cpu":
		return warmUp(pingPong)
	case "same-thread":
		return warmUp(sameThread)
	case "string":
		return warmUp(func(m int) float64 { return stream(m, 1, text, length) })
	case "size-64":
		return warmUp(func(m int) float64 { return stream(m, 1, words8, func(v [8]uint64) int { return int(v[0] & 1) }) })
	case "size-256":
		return warmUp(func(m int) float64 { return stream(m, 1, words32, func(v [32]uint64) int { return int(v[0] & 1) }) })
	case "large":
		return warmUp(func(m int) float64 { return stream(m, 1, words128, func(v [128]uint64) int { return int(v[0] & 1) }) })
	case "create-use-drop":
		return warmUp(createUseDrop)
	case "idle-wakeup":
		return idleWakeup(n)
	}
	if strings.HasPrefix(workload, "b") {
		ns, bytes := burst(n)
		return map[string]any{"ns": ns, "bytes": bytes}
	}
	return map[string]any{"applies": false} // a channel has no senders to clone
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "peers go WORKLOAD MESSAGES")
		os.Exit(2)
	}
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	workload, of, isBounded := strings.Cut(os.Args[2], "-of-")
	if isBounded {
		if room, err = strconv.Atoi(of); err != nil {
			panic(err)
		}
	}
	line, _ := json.Marshal(run(workload, n))
	fmt.Println(string(line))
}
