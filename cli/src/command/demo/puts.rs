//! The steps that put an instance, and their expected results.

use std::io;

use wsman::{Error, Instance, PartialUpdate, Put, PutMode, PutOutcome};

use super::stage::Script;
use super::subject::Which::{self, First, Second};
use crate::failure::Failure;

/// A put, its expected result, and the expected state of the server afterwards.
pub(super) struct PutStep {
    title: &'static str,
    mode: PutMode,
    part: Part,
    which: Which,
    value: u32,
    expected: Expected,
    leaves: Option<u32>,
}

/// The properties of the instance to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// The key and the property; all other properties must stay unchanged.
    OneProperty,
}

/// The expected result of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Created,
    Updated,
    AlreadyExists,
    NotFound,
}

pub(super) const STEPS: [PutStep; 7] = [
    PutStep {
        title: "create-only of a new instance",
        mode: PutMode::CreateOnly,
        part: Part::Whole,
        which: First,
        value: 1,
        expected: Expected::Created,
        leaves: Some(1),
    },
    PutStep {
        title: "create-only again",
        mode: PutMode::CreateOnly,
        part: Part::Whole,
        which: First,
        value: 2,
        expected: Expected::AlreadyExists,
        leaves: Some(1),
    },
    PutStep {
        title: "update-only of a missing instance",
        mode: PutMode::UpdateOnly,
        part: Part::Whole,
        which: Second,
        value: 1,
        expected: Expected::NotFound,
        leaves: None,
    },
    PutStep {
        title: "update-only of an existing instance",
        mode: PutMode::UpdateOnly,
        part: Part::Whole,
        which: First,
        value: 2,
        expected: Expected::Updated,
        leaves: Some(2),
    },
    PutStep {
        title: "create-or-update of an existing instance",
        mode: PutMode::CreateOrUpdate,
        part: Part::Whole,
        which: First,
        value: 3,
        expected: Expected::Updated,
        leaves: Some(3),
    },
    PutStep {
        title: "create-or-update of a new instance",
        mode: PutMode::CreateOrUpdate,
        part: Part::Whole,
        which: Second,
        value: 1,
        expected: Expected::Created,
        leaves: Some(1),
    },
    PutStep {
        title: "a partial update: one property, the others stay unchanged",
        mode: PutMode::UpdateOnly,
        part: Part::OneProperty,
        which: First,
        value: 4,
        expected: Expected::Updated,
        leaves: Some(4),
    },
];

impl PutStep {
    /// Runs the step, prints it, and checks the result.
    pub(super) async fn play(&self, stage: &mut Script) -> Result<(), Failure> {
        let path = stage.subject.path(self.which);
        stage.narrator.step(self.title)?;
        stage.narrator.fact(
            "put",
            format!("{path}, {}", stage.subject.assignment(self.value)),
        )?;
        let before = stage.read(&path).await.ok().flatten();
        let result = self.put(stage).await;
        self.tell(stage, &result)?;
        if self.expected.is_met_by(&result) {
            self.check_what_is_left(stage, before).await?;
        } else {
            self.fail(stage, result)?;
        }
        Ok(())
    }

    async fn put(&self, stage: &Script) -> Result<Put, Error> {
        let (session, subject) = (&stage.session, &stage.subject);
        let request = match self.part {
            Part::Whole => session.put_instance(&subject.instance(self.which, self.value)),
            Part::OneProperty => session
                .put_instance(&subject.part(self.which, self.value))
                .partial(PartialUpdate::Merge),
        };
        request.mode(self.mode).await
    }

    fn tell(&self, stage: &mut Script, result: &Result<Put, Error>) -> io::Result<()> {
        let sent = stage.tell_sent()?;
        match (result, sent.last()) {
            (Ok(put), _) => {
                let outcome = format!("{:?}, {}, messages {}", put.outcome, put.path, put.messages);
                stage.narrator.fact("outcome", outcome)
            }
            (Err(error @ Error::NotSupported(_)), Some(last)) => {
                stage.narrator.error(error)?;
                let text = format!("the server does not support {} here", last.operation());
                stage.narrator.fact("", text)
            }
            (Err(error), _) => stage.narrator.error(error),
        }
    }

    /// Checks the instance on the server: its answer alone proves nothing.
    async fn check_what_is_left(
        &self,
        stage: &mut Script,
        before: Option<Instance>,
    ) -> io::Result<()> {
        let after = match stage.read(&stage.subject.path(self.which)).await {
            Ok(after) => after,
            Err(error) => {
                stage.narrator.error(&error)?;
                return stage.fail_by(&error, "the instance cannot be read back");
            }
        };
        stage
            .narrator
            .fact("read back", stage.subject.describe(after.as_ref()))?;
        let left = after.as_ref().map(|after| stage.subject.value_of(after));
        if left != self.leaves.map(Some) {
            return stage.fail("the instance on the server is not as expected");
        }
        match before
            .zip(after)
            .and_then(|(before, after)| lost(&before, &after))
        {
            Some(name) if self.part == Part::OneProperty => {
                stage.fail(&format!("{name} lost its value"))
            }
            _ => stage.succeed(self.expected.text()),
        }
    }

    fn fail(&self, stage: &mut Script, result: Result<Put, Error>) -> io::Result<()> {
        let expected = format!("expected: {}", self.expected.text());
        match result {
            Ok(_) => stage.fail(&expected),
            Err(error) => {
                if matches!(error, Error::CreatedElsewhere(_)) {
                    stage.strays.extend(error.created_path().cloned());
                }
                stage.fail_by(&error, &expected)
            }
        }
    }
}

/// Returns a property that had a value before and has none afterwards.
fn lost(before: &Instance, after: &Instance) -> Option<String> {
    let had_value = before
        .properties()
        .iter()
        .filter(|property| !property.value().is_null());
    let mut names = had_value.map(|property| property.name());
    let lost = names.find(|name| {
        after
            .value(name.as_str())
            .is_none_or(|value| value.is_null())
    });
    lost.map(ToString::to_string)
}

impl Expected {
    fn is_met_by(self, result: &Result<Put, Error>) -> bool {
        match result {
            Ok(put) => matches!(
                (self, put.outcome),
                (Expected::Created, PutOutcome::Created) | (Expected::Updated, PutOutcome::Updated)
            ),
            Err(error) => matches!(
                (self, error),
                (Expected::AlreadyExists, Error::AlreadyExists(_))
                    | (Expected::NotFound, Error::NotFound(_))
            ),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Expected::Created => "created",
            Expected::Updated => "updated",
            Expected::AlreadyExists => "refused with AlreadyExists",
            Expected::NotFound => "refused with NotFound",
        }
    }
}
