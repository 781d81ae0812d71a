//! Reads that several requests share: what is asked while a read is under way is answered by the
//! next one, in one transaction, as deliveries share a commit. A read begins after each of its
//! questions was asked, so no answer is older than its question.

use std::{
    collections::HashMap,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tokio::sync::oneshot::{Sender, channel};

/// The most questions of one read: each waits for the last of them.
const TOGETHER: usize = 64;

/// The questions that wait, by their key. A key has an entry while its reader works, and there is
/// one reader of a key.
#[derive(Debug)]
pub struct JointReads<K, Q, A>(Mutex<HashMap<K, Vec<Asked<Q, A>>>>);

#[derive(Debug)]
struct Asked<Q, A> {
    question: Q,
    answer: Sender<A>,
}

impl<K, Q, A> Default for JointReads<K, Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, Q, A> JointReads<K, Q, A>
where
    K: Clone + Eq + Hash + Send + 'static,
    Q: Clone + Send + 'static,
    A: Send + 'static,
{
    /// Asks a question together with the others of this key; `read` answers questions in their
    /// order. `None`: the read failed, and the caller reads alone, so that each request has an
    /// error of its own.
    pub async fn ask<R, F, E>(self: &Arc<Self>, key: K, question: Q, read: R) -> Option<A>
    where
        R: Fn(Vec<Q>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<A>, E>> + Send + 'static,
        E: Send + 'static,
    {
        let (sender, answer) = channel();
        if self.is_first(&key, Asked { question, answer: sender }) {
            // a task of its own: it goes on for the others if this request is dropped
            tokio::spawn(self.clone().answer_all(key, read));
        }
        answer.await.ok()
    }

    /// Adds a question. True: the key has no reader yet.
    fn is_first(&self, key: &K, asked: Asked<Q, A>) -> bool {
        let mut waiting = self.waiting();
        if let Some(others) = waiting.get_mut(key) {
            others.push(asked);
            return false;
        }
        waiting.insert(key.clone(), vec![asked]);
        true
    }

    async fn answer_all<R, F, E>(self: Arc<Self>, key: K, read: R)
    where
        R: Fn(Vec<Q>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<A>, E>> + Send + 'static,
        E: Send + 'static,
    {
        while let Some(part) = self.next(&key) {
            let questions = part.iter().map(|asked| asked.question.clone()).collect();
            let answers = AssertUnwindSafe(async { read(questions).await }).catch_unwind().await;
            // without an answer the senders are dropped, and each caller reads alone
            let Ok(Ok(answers)) = answers else { continue };
            for (asked, answer) in part.into_iter().zip(answers) {
                let _ = asked.answer.send(answer); // an error means that the request was dropped
            }
        }
    }

    /// The questions of the next read. `None`: there are none, and the reader ends.
    fn next(&self, key: &K) -> Option<Vec<Asked<Q, A>>> {
        let mut waiting = self.waiting();
        let questions = waiting.get_mut(key)?;
        if questions.is_empty() {
            waiting.remove(key);
            return None;
        }
        let count = questions.len().min(TOGETHER);
        Some(questions.drain(..count).collect())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<K, Vec<Asked<Q, A>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    #[derive(Clone)]
    struct Database {
        reads: Arc<AtomicUsize>,
        /// Each read takes one permit.
        free: Arc<Semaphore>,
    }

    impl Database {
        fn new() -> Self {
            Self { reads: Arc::default(), free: Arc::new(Semaphore::new(0)) }
        }

        async fn doubled(self, questions: Vec<u64>) -> Result<Vec<u64>, ()> {
            self.free.acquire().await.unwrap().forget();
            self.reads.fetch_add(1, Ordering::Relaxed);
            assert!(!questions.contains(&13), "a panic ends one read");
            if questions.contains(&7) {
                return Err(());
            }
            Ok(questions.into_iter().map(|question| 2 * question).collect())
        }
    }

    type Reads = Arc<JointReads<&'static str, u64, u64>>;

    fn ask(
        reads: &Reads,
        database: &Database,
        (key, question): (&'static str, u64),
    ) -> tokio::task::JoinHandle<Option<u64>> {
        let (reads, database) = (reads.clone(), database.clone());
        tokio::spawn(async move {
            reads.ask(key, question, move |part| database.clone().doubled(part)).await
        })
    }

    async fn all_have_asked() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_is_asked_during_a_read_is_answered_together_by_the_next_one() {
        let (reads, database) = (Reads::default(), Database::new());
        let first = ask(&reads, &database, ("acme", 1));
        all_have_asked().await;
        let others: Vec<_> = (20..30).map(|n| ask(&reads, &database, ("acme", n))).collect();
        let of_another = ask(&reads, &database, ("globex", 50));
        all_have_asked().await;
        database.free.add_permits(3);

        assert_eq!(first.await.unwrap(), Some(2));
        assert_eq!(of_another.await.unwrap(), Some(100));
        for (n, other) in (20..30).zip(others) {
            assert_eq!(other.await.unwrap(), Some(2 * n));
        }
        assert_eq!(database.reads.load(Ordering::Relaxed), 3);
        assert!(reads.waiting().is_empty());
    }

    #[tokio::test]
    async fn a_read_that_fails_or_panics_leaves_its_questions_to_their_callers() {
        let (reads, database) = (Reads::default(), Database::new());
        database.free.add_permits(3);

        assert_eq!(ask(&reads, &database, ("acme", 7)).await.unwrap(), None);
        assert_eq!(ask(&reads, &database, ("acme", 13)).await.unwrap(), None);
        assert_eq!(ask(&reads, &database, ("acme", 4)).await.unwrap(), Some(8));
        all_have_asked().await;
        assert!(reads.waiting().is_empty());
    }

    #[tokio::test]
    async fn a_request_that_is_dropped_takes_no_answer_from_the_others() {
        let (reads, database) = (Reads::default(), Database::new());
        let dropped = ask(&reads, &database, ("acme", 1));
        all_have_asked().await;
        let other = ask(&reads, &database, ("acme", 2));
        all_have_asked().await;
        dropped.abort();
        database.free.add_permits(2);

        assert_eq!(other.await.unwrap(), Some(4));
    }
}
