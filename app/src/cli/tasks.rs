//! Tasks that run beside the listener, each with a name. None of them should end before the stop.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

#[derive(Debug, Default)]
pub struct Tasks {
    set: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until a task ends, and gives its name. Without a task it waits for ever.
    pub async fn ended(&mut self) -> &'static str {
        let id = match self.set.join_next_with_id().await {
            None => std::future::pending().await,
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
        };
        self.names.get(&id).copied().unwrap_or_default()
    }

    /// Waits until every task has ended.
    pub async fn finish(mut self) {
        while self.set.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_or_panics_is_named() {
        let mut tasks = Tasks::default();
        tasks.spawn("waits", std::future::pending());
        tasks.spawn("ends", async {});
        assert_eq!(tasks.ended().await, "ends");

        tasks.spawn("panics", async { panic!("on purpose") });
        assert_eq!(tasks.ended().await, "panics");
    }
}
