//! Tests of the pool: none sleeps, all wait for one another through channels.

use std::sync::mpsc;
use std::task::{Wake, Waker};
use std::time::Duration;

use super::*;

fn pool(threads: usize, queue: usize) -> Pool {
    Pool::new(PoolOptions { threads, queue }).unwrap()
}

/// Occupies a thread until the sender is dropped; returns when the thread has begun.
fn occupy(pool: &Pool) -> (mpsc::Sender<()>, Reply<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (begin, began) = mpsc::channel();
    let reply = pool.try_acquire().unwrap().submit(move || {
        begin.send(()).unwrap();
        let _ = released.recv();
    });
    began.recv().unwrap();
    (release, reply)
}

#[test]
fn tasks_run_on_named_threads() {
    let pool = pool(2, 0);
    let reply = pool
        .try_acquire()
        .unwrap()
        .submit(|| std::thread::current().name().map(str::to_owned));
    let name = reply.wait().unwrap().unwrap();
    assert!(name == "inference-0" || name == "inference-1", "{name}");
}

#[test]
fn a_full_pool_says_so_at_once_and_recovers() {
    let pool = pool(1, 1);
    let (release, running) = occupy(&pool);
    let queued = pool.try_acquire().unwrap().submit(|| 5);
    assert_eq!(pool.try_acquire().unwrap_err(), Busy { permits: 2 });
    let stats = pool.stats();
    assert_eq!((stats.permits, stats.permits_in_use), (2, 2));
    assert_eq!((stats.queued, stats.running, stats.completed), (1, 1, 0));
    drop(release);
    running.wait().unwrap();
    assert_eq!(queued.wait(), Ok(5));
    let stats = pool.stats();
    assert_eq!((stats.permits_in_use, stats.running, stats.completed), (0, 0, 2));
    assert!(pool.try_acquire().is_ok());
}

#[test]
fn a_permit_that_is_not_used_is_given_back() {
    let pool = pool(1, 0);
    let permit = pool.try_acquire().unwrap();
    assert!(pool.try_acquire().is_err());
    drop(permit);
    assert!(pool.try_acquire().is_ok());
}

#[test]
fn a_panic_is_reported_and_the_thread_lives_on() {
    let pool = pool(1, 0);
    for _ in 0..3 {
        let reply: Reply<()> = pool.try_acquire().unwrap().submit(|| panic!("on {}", "purpose"));
        let error = reply.wait().unwrap_err();
        assert_eq!(error, Error::Panicked("on purpose".to_owned()));
    }
    assert_eq!(pool.try_acquire().unwrap().submit(|| 1).wait(), Ok(1));
    assert_eq!(pool.stats().panicked, 3);
    assert_eq!(pool.stats().running, 0);
}

#[test]
fn nobody_works_for_a_caller_who_left() {
    let pool = pool(1, 2);
    let (release, running) = occupy(&pool);
    let (ran, has_run) = mpsc::channel();
    drop(pool.try_acquire().unwrap().submit(move || ran.send(()).unwrap()));
    let last = pool.try_acquire().unwrap().submit(|| ());
    drop(release);
    running.wait().unwrap();
    last.wait().unwrap();
    assert!(has_run.try_recv().is_err());
    let stats = pool.stats();
    assert_eq!((stats.skipped, stats.completed, stats.permits_in_use), (1, 2, 0));
}

#[test]
fn dropping_the_pool_finishes_what_was_submitted() {
    let pool = pool(1, 8);
    let (release, _running) = occupy(&pool);
    let replies: Vec<_> = (0..8)
        .map(|number| pool.try_acquire().unwrap().submit(move || number))
        .collect();
    let dropper = std::thread::spawn(move || drop(pool));
    drop(release);
    dropper.join().unwrap();
    let results: Vec<_> = replies.into_iter().map(|reply| reply.wait().unwrap()).collect();
    assert_eq!(results, (0..8).collect::<Vec<_>>());
}

#[test]
fn a_permit_of_a_stopped_pool_answers_stopped() {
    let pool = pool(1, 1);
    let permit = pool.try_acquire().unwrap();
    drop(pool);
    assert_eq!(permit.submit(|| 1).wait(), Err(Error::Stopped));
}

/// Wakes the test's thread.
struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(mut reply: Reply<T>) -> Result<T, Error> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match Pin::new(&mut reply).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => std::thread::park_timeout(Duration::from_secs(10)),
        }
    }
}

#[test]
fn a_reply_can_be_awaited() {
    let pool = pool(1, 1);
    assert_eq!(block_on(pool.try_acquire().unwrap().submit(|| 3)), Ok(3));
    let (release, running) = occupy(&pool);
    let queued = pool.try_acquire().unwrap().submit(|| 4);
    let awaiting = std::thread::spawn(|| block_on(queued));
    drop(release);
    assert_eq!(awaiting.join().unwrap(), Ok(4));
    running.wait().unwrap();
    let panicking = pool.try_acquire().unwrap().submit(|| panic!("on purpose"));
    assert!(matches!(block_on::<()>(panicking), Err(Error::Panicked(_))));
}

#[test]
fn many_callers_share_few_threads() {
    let pool = pool(2, 2);
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..200 {
                    let permit = loop {
                        match pool.try_acquire() {
                            Ok(permit) => break permit,
                            Err(Busy { .. }) => std::thread::yield_now(),
                        }
                    };
                    assert_eq!(permit.submit(move || number * 2).wait(), Ok(number * 2));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(done.into_inner(), 1600);
    assert_eq!(pool.stats().completed, 1600);
    assert_eq!(pool.stats().permits_in_use, 0);
}

#[test]
fn cores_are_counted_once() {
    let core = |processor: u32, socket: u32, core: u32| {
        format!(
            "processor\t: {processor}\nphysical id\t: {socket}\nsiblings\t: 4\ncore id\t\t: {core}\ncpu cores\t: 2\n"
        )
    };
    let two_threads_each = [core(0, 0, 0), core(1, 0, 1), core(2, 0, 0), core(3, 0, 1)].join("\n");
    assert_eq!(count_cores(&two_threads_each), Some(2));
    let two_sockets = [core(0, 0, 0), core(1, 1, 0)].join("\n");
    assert_eq!(count_cores(&two_sockets), Some(2));
    assert_eq!(count_cores("processor\t: 0\nBogoMIPS\t: 108.00\n"), None);
    let available = std::thread::available_parallelism().unwrap().get();
    assert!((1..=available).contains(&physical_cores()));
}
