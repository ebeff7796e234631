//! The Rust peers under the workloads of cpp/peers.cpp: peers PEER WORKLOAD MESSAGES, prints a line of JSON.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A channel's sender and receiver; the stream ends when the last sender is dropped.
trait Peer {
    type Sender<T: Value>: Send + 'static;
    type Receiver<T: Value>: Send + 'static;
    fn make<T: Value>(room: usize) -> (Self::Sender<T>, Self::Receiver<T>);
    fn clone<T: Value>(sender: &Self::Sender<T>) -> Self::Sender<T>;
    fn send<T: Value>(sender: &Self::Sender<T>, value: T);
    fn recv<T: Value>(receiver: &mut Self::Receiver<T>) -> Option<T>;
}

/// `Default` and `Clone` are what thingbuf asks for: its slots are made once and used again.
trait Value: Send + Sync + Default + Clone + 'static {
    fn make(i: u64) -> Self;
    fn weight(&self) -> u64;
}
impl Value for u64 {
    fn make(i: u64) -> u64 {
        i
    }
    fn weight(&self) -> u64 {
        self & 1
    }
}
impl Value for String {
    fn make(i: u64) -> String {
        String::from_utf8(vec![b'a' + (i % 26) as u8; 32]).unwrap()
    }
    fn weight(&self) -> u64 {
        self.len() as u64
    }
}
#[derive(Clone)]
struct Words<const N: usize>([u64; N]);
impl<const N: usize> Default for Words<N> {
    fn default() -> Self {
        Words([0; N])
    }
}
impl<const N: usize> Value for Words<N> {
    fn make(i: u64) -> Self {
        let mut words = [0; N];
        words[0] = i;
        Words(words)
    }
    fn weight(&self) -> u64 {
        self.0[0] & 1
    }
}

macro_rules! peer {
    ($name:ident, $sender:ty, $receiver:ty, $make:expr, $send:expr, $recv:expr) => {
        struct $name;
        impl Peer for $name {
            type Sender<T: Value> = $sender;
            type Receiver<T: Value> = $receiver;
            fn make<T: Value>(room: usize) -> (Self::Sender<T>, Self::Receiver<T>) {
                $make(room)
            }
            fn clone<T: Value>(sender: &Self::Sender<T>) -> Self::Sender<T> {
                sender.clone()
            }
            fn send<T: Value>(sender: &Self::Sender<T>, value: T) {
                $send(sender, value)
            }
            fn recv<T: Value>(receiver: &mut Self::Receiver<T>) -> Option<T> {
                $recv(receiver)
            }
        }
    };
}

peer!(Std, std::sync::mpsc::Sender<T>, std::sync::mpsc::Receiver<T>, |_| std::sync::mpsc::channel(),
    |s: &std::sync::mpsc::Sender<T>, v| s.send(v).unwrap(), |r: &mut std::sync::mpsc::Receiver<T>| r.recv().ok());
peer!(Crossbeam, crossbeam_channel::Sender<T>, crossbeam_channel::Receiver<T>, |_| crossbeam_channel::unbounded(),
    |s: &crossbeam_channel::Sender<T>, v| s.send(v).unwrap(), |r: &mut crossbeam_channel::Receiver<T>| r.recv().ok());
peer!(Flume, flume::Sender<T>, flume::Receiver<T>, |_| flume::unbounded(),
    |s: &flume::Sender<T>, v| s.send(v).unwrap(), |r: &mut flume::Receiver<T>| r.recv().ok());
peer!(Kanal, kanal::Sender<T>, kanal::Receiver<T>, |_| kanal::unbounded(),
    |s: &kanal::Sender<T>, v| s.send(v).unwrap(), |r: &mut kanal::Receiver<T>| r.recv().ok());
peer!(Tokio, tokio::sync::mpsc::UnboundedSender<T>, tokio::sync::mpsc::UnboundedReceiver<T>, |_| tokio::sync::mpsc::unbounded_channel(),
    |s: &tokio::sync::mpsc::UnboundedSender<T>, v| s.send(v).unwrap(), |r: &mut tokio::sync::mpsc::UnboundedReceiver<T>| r.blocking_recv());
peer!(Thingbuf, thingbuf::mpsc::blocking::Sender<T>, thingbuf::mpsc::blocking::Receiver<T>, |room| thingbuf::mpsc::blocking::channel(room),
    |s: &thingbuf::mpsc::blocking::Sender<T>, v| s.send(v).unwrap(), |r: &mut thingbuf::mpsc::blocking::Receiver<T>| r.recv());

// Those that are bounded.
peer!(StdBounded, std::sync::mpsc::SyncSender<T>, std::sync::mpsc::Receiver<T>, |room| std::sync::mpsc::sync_channel(room),
    |s: &std::sync::mpsc::SyncSender<T>, v| s.send(v).unwrap(), |r: &mut std::sync::mpsc::Receiver<T>| r.recv().ok());
peer!(CrossbeamBounded, crossbeam_channel::Sender<T>, crossbeam_channel::Receiver<T>, |room| crossbeam_channel::bounded(room),
    |s: &crossbeam_channel::Sender<T>, v| s.send(v).unwrap(), |r: &mut crossbeam_channel::Receiver<T>| r.recv().ok());
peer!(FlumeBounded, flume::Sender<T>, flume::Receiver<T>, |room| flume::bounded(room),
    |s: &flume::Sender<T>, v| s.send(v).unwrap(), |r: &mut flume::Receiver<T>| r.recv().ok());
peer!(KanalBounded, kanal::Sender<T>, kanal::Receiver<T>, |room| kanal::bounded(room),
    |s: &kanal::Sender<T>, v| s.send(v).unwrap(), |r: &mut kanal::Receiver<T>| r.recv().ok());
peer!(TokioBounded, tokio::sync::mpsc::Sender<T>, tokio::sync::mpsc::Receiver<T>, |room| tokio::sync::mpsc::channel(room),
    |s: &tokio::sync::mpsc::Sender<T>, v| s.blocking_send(v).unwrap(), |r: &mut tokio::sync::mpsc::Receiver<T>| r.blocking_recv());

/// Of the channels that are bounded, and of those that want a number.
static ROOM: AtomicUsize = AtomicUsize::new(1024);
fn room() -> usize {
    ROOM.load(Ordering::Relaxed)
}

fn per(begin: Instant, n: u64) -> f64 {
    begin.elapsed().as_nanos() as f64 / n as f64
}

fn stream<P: Peer, T: Value>(messages: u64, senders: u64) -> f64 {
    let each = messages / senders;
    let (sender, mut receiver) = P::make::<T>(room());
    let there = Arc::new(AtomicUsize::new(0));
    let go = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..senders)
        .map(|_| {
            let (mine, there, go) = (P::clone(&sender), there.clone(), go.clone());
            std::thread::spawn(move || {
                there.fetch_add(1, Ordering::SeqCst);
                while !go.load(Ordering::SeqCst) {
                    std::thread::park();
                }
                for i in 0..each {
                    P::send(&mine, T::make(i));
                }
            })
        })
        .collect();
    drop(sender);
    while there.load(Ordering::SeqCst) as u64 != senders {
        std::thread::yield_now();
    }
    let begin = Instant::now();
    go.store(true, Ordering::SeqCst);
    threads.iter().for_each(|t| t.thread().unpark());
    let mut weighed = 0;
    while let Some(v) = P::recv(&mut receiver) {
        weighed += v.weight();
    }
    let ns = per(begin, each * senders);
    std::hint::black_box(weighed);
    threads.into_iter().for_each(|t| t.join().unwrap());
    ns
}

fn ping_pong<P: Peer>(trips: u64) -> f64 {
    let (ping, mut pinged) = P::make::<u64>(room());
    let (pong, mut ponged) = P::make::<u64>(room());
    let other = std::thread::spawn(move || {
        for _ in 0..trips {
            P::send(&pong, P::recv(&mut pinged).unwrap());
        }
    });
    let begin = Instant::now();
    for i in 0..trips {
        P::send(&ping, i);
        std::hint::black_box(P::recv(&mut ponged).unwrap());
    }
    let ns = per(begin, trips);
    other.join().unwrap();
    ns
}

fn same_thread<P: Peer>(messages: u64) -> f64 {
    let (sender, mut receiver) = P::make::<u64>(room());
    let begin = Instant::now();
    for i in 0..messages {
        P::send(&sender, i);
        std::hint::black_box(P::recv(&mut receiver).unwrap());
    }
    per(begin, messages)
}

fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}

fn burst<P: Peer>(messages: u64) -> (f64, f64) {
    let before = peak_memory();
    let begin = Instant::now();
    let (sender, mut receiver) = P::make::<u64>(messages as usize);
    for i in 0..messages {
        P::send(&sender, i);
    }
    for _ in 0..messages {
        std::hint::black_box(P::recv(&mut receiver).unwrap());
    }
    (per(begin, messages), (peak_memory() - before) / messages as f64)
}

fn create_use_drop<P: Peer>(times: u64) -> f64 {
    let begin = Instant::now();
    for i in 0..times {
        let (sender, mut receiver) = P::make::<u64>(1);
        P::send(&sender, i);
        std::hint::black_box(P::recv(&mut receiver).unwrap());
    }
    per(begin, times)
}

fn clone_drop<P: Peer>(times: u64) -> f64 {
    let (sender, _receiver) = P::make::<u64>(1);
    let begin = Instant::now();
    for _ in 0..times {
        std::hint::black_box(P::clone(&sender));
    }
    per(begin, times)
}

fn idle_wakeup<P: Peer>(times: u64) -> String {
    let (sender, mut receiver) = P::make::<u64>(room());
    let origin = Instant::now();
    let other = std::thread::spawn(move || {
        for _ in 0..times {
            std::thread::sleep(Duration::from_millis(1));
            P::send(&sender, origin.elapsed().as_nanos() as u64);
        }
    });
    let mut latencies: Vec<u64> = (0..times)
        .map(|_| {
            let sent = P::recv(&mut receiver).unwrap();
            origin.elapsed().as_nanos() as u64 - sent
        })
        .collect();
    other.join().unwrap();
    let mut cpu: libc::timespec = unsafe { std::mem::zeroed() };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut cpu) };
    latencies.sort();
    let mut json = format!("\"ns\": {}", latencies[latencies.len() / 2]);
    for p in 1..100 {
        json += &format!(", \"p{}\": {}", p, latencies[latencies.len() * p / 100]);
    }
    json + &format!(", \"cpu_us\": {}", (cpu.tv_sec as f64 * 1e6 + cpu.tv_nsec as f64 / 1e3) / times as f64)
}

fn run<P: Peer>(workload: &str, n: u64) -> Option<String> {
    let warm_up = |work: &dyn Fn(u64) -> f64| {
        work(n / 10 + 1);
        Some(format!("\"ns\": {:.3}", work(n)))
    };
    if let Some(senders) = workload.strip_prefix("mpsc-") {
        let senders: u64 = senders.parse().unwrap();
        return warm_up(&|m| stream::<P, u64>(m.max(senders), senders));
    }
    match workload {
        "spsc" => warm_up(&|m| stream::<P, u64>(m, 1)),
        "pingpong" | "pingpong-1cpu" => warm_up(&ping_pong::<P>),
        "same-thread" => warm_up(&same_thread::<P>),
        "string" => warm_up(&|m| stream::<P, String>(m, 1)),
        "large" => warm_up(&|m| stream::<P, Words<128>>(m, 1)),
        "size-64" => warm_up(&|m| stream::<P, Words<8>>(m, 1)),
        "size-256" => warm_up(&|m| stream::<P, Words<32>>(m, 1)),
        "create-use-drop" => warm_up(&create_use_drop::<P>),
        "clone-drop" => warm_up(&clone_drop::<P>),
        "idle-wakeup" => Some(idle_wakeup::<P>(n)),
        _ if workload.starts_with('b') => {
            let (ns, bytes) = burst::<P>(n);
            Some(format!("\"ns\": {ns:.3}, \"bytes\": {bytes:.3}"))
        }
        _ => None,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, peer, workload, messages] = &arguments[..] else { panic!("peers PEER WORKLOAD MESSAGES") };
    let n = messages.parse().expect("a number of messages");
    let result = match workload.split_once("-of-") {
        None => unbounded(peer, workload, n),
        Some((workload, of)) => {
            ROOM.store(of.parse().expect("a capacity"), Ordering::Relaxed);
            bounded(peer, workload, n)
        }
    };
    println!("{{{}}}", result.unwrap_or("\"applies\": false".into()));
}

fn unbounded(peer: &str, workload: &str, n: u64) -> Option<String> {
    match peer {
        "rust-std" => run::<Std>(workload, n),
        "crossbeam" => run::<Crossbeam>(workload, n),
        "flume" => run::<Flume>(workload, n),
        "kanal" => run::<Kanal>(workload, n),
        "tokio" => run::<Tokio>(workload, n),
        "thingbuf" => run::<Thingbuf>(workload, n),
        _ => panic!("no peer {peer}"),
    }
}

/// tokio and thingbuf have no rendezvous.
fn bounded(peer: &str, workload: &str, n: u64) -> Option<String> {
    match peer {
        "rust-std" => run::<StdBounded>(workload, n),
        "crossbeam" => run::<CrossbeamBounded>(workload, n),
        "flume" => run::<FlumeBounded>(workload, n),
        "kanal" => run::<KanalBounded>(workload, n),
        "tokio" if room() > 0 => run::<TokioBounded>(workload, n),
        "thingbuf" if room() > 0 => run::<Thingbuf>(workload, n),
        _ => None,
    }
}
