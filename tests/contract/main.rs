//! Runs the same checks on every server: on the simulator in each dialect, over HTTPS in one, and on
//! the server at `WSMAN_TEST_URL` if set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod associations;
mod events;
mod expected;
mod https;
mod instances;
#[cfg(feature = "negotiate")]
mod kerberos;
mod keys;
mod live;
mod methods;
mod model;
mod modes;
mod partial;
mod polymorphism;
mod queries;
mod races;
mod refusals;
mod rows;
mod schema;
mod target;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
#[cfg(feature = "negotiate")]
use wsman::simulator::NtlmScheme;
use wsman::simulator::{Dialect, DigestScheme, LoginScheme, Simulator, sample};
use wsman::{Credentials, Instance, Session, SessionBuilder};

use target::{Outcome, Target};

/// A check and its name.
type Check = (&'static str, CheckFn);
type CheckFn = for<'a> fn(&'a Session, &'a Target) -> Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// Makes a list of checks from their paths.
macro_rules! checks {
    ($($module:ident { $($check:ident)* })*) => {
        &[$($((stringify!($check), |session, target| {
            Box::pin($module::$check(session, target))
        })),*),*]
    };
}

/// The checks for any class with a string key and a `uint32`.
const OF_ANY_SERVER: &[Check] = checks! {
    modes {
        update_only_on_missing update_only_on_existing
        create_only_on_missing create_only_on_existing
        create_or_update_on_missing create_or_update_on_existing
        flags_on_missing_and_existing
    }
    instances {
        create_and_get create_on_existing get_missing delete_twice
        modify_missing modify_after_get modify_by_hand
        identify_with_login identify_without_login
    }
    refusals {
        wrong_class_of_update wrong_class_of_create wrong_class_of_create_or_update wrong_class_of_get
        wrong_namespace_of_update wrong_namespace_of_create_or_update
        wrong_key_name wrong_type unknown_property
        null_for_a_not_null_property null_for_a_not_null_property_of_a_new_instance
    }
    partial { merge modified_properties put_extensions strict_nulls fragment property }
    schema {
        class_with_its_key class_that_is_missing classes_below_another
        typed_instance typed_rows keys_that_the_class_names
        checked_before_it_is_sent
    }
    races { many_create_or_update many_create_only }
    keys {
        missing_for_an_update missing_for_a_delete a_class_as_instance a_body_with_another_key
        from_the_path_of_the_request
    }
    methods { method_of_an_instance method_of_no_class unknown_method }
    rows {
        what_was_created_is_enumerated pages_of_any_size rows_without_paths paths_alone
        rows_that_match rows_of_an_operation rows_left_early wrong_class_of_enumerate
    }
    queries {
        query_with_a_condition query_of_picked_properties query_that_picks_nothing
        query_for_special_characters query_with_not_and_null
        wrong_query wrong_class_of_query
    }
    associations { both_ends_of_an_association an_instance_without_associations }
    events {
        events_arrive_until_the_end subscriptions_side_by_side bookmarks events_that_are_not_wanted
        wrong_query_of_events wrong_class_of_events
    }
};

/// The checks that need the classes of the simulator's sample.
const OF_THE_SAMPLE: &[Check] = checks! {
    model {
        a_key_that_the_server_assigns a_singleton abstract_class_of_create abstract_class_of_put
        a_subclass_is_put_through_its_own_class one_of_two_keys
        a_misnamed_key_of_create_or_update a_key_value_that_is_taken_for_another
    }
    methods {
        a_static_method a_return_value_that_is_not_zero a_method_that_changes_its_instance
        arguments_of_every_type arrays_as_arguments an_output_that_is_null
        unknown_argument argument_of_another_type method_of_a_missing_instance
        method_of_an_instance_on_its_class a_typed_target
    }
    queries { conditions_of_every_kind typed_rows typed_rows_of_whole_instances }
    polymorphism { deep_by_itself each_mode }
    associations {
        associators_of_the_computer associators_by_role references_by_role associations_as_paths
        associations_of_a_missing_instance
    }
};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let each = |login: Login| {
        let dialects = Dialect::ALL.into_iter().filter(move |d| login.is_of(*d));
        dialects.flat_map(move |dialect| simulated(dialect, login))
    };
    let mut trials: Vec<Trial> = Login::ALL.iter().copied().flat_map(each).collect();
    trials.extend(https::trials());
    #[cfg(feature = "negotiate")]
    trials.extend(kerberos::trials());
    trials.extend(live::trials());
    trials.push(Trial::test("live_driver", live::driver));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The authentication schemes of the checks.
#[derive(Clone, Copy, Debug)]
enum Login {
    Basic,
    Digest,
    #[cfg(feature = "negotiate")]
    Ntlm,
    #[cfg(feature = "negotiate")]
    Negotiate,
}

impl Login {
    const ALL: &[Self] = &[
        Self::Basic,
        Self::Digest,
        #[cfg(feature = "negotiate")]
        Self::Ntlm,
        #[cfg(feature = "negotiate")]
        Self::Negotiate,
    ];

    /// openwsman closes each connection after one response, which ends an NTLM login.
    fn is_of(self, dialect: Dialect) -> bool {
        match (self, dialect) {
            (Self::Basic | Self::Digest, _) => true,
            #[cfg(feature = "negotiate")]
            (Self::Ntlm | Self::Negotiate, dialect) => dialect != Dialect::Openwsman,
        }
    }

    /// The schemes that the simulator accepts; without tabs in OMI's sealed messages, as in OMI itself.
    fn scheme(self, dialect: Dialect) -> LoginScheme {
        match (self, dialect) {
            (Self::Basic, _) => LoginScheme::Basic,
            (Self::Digest, _) => LoginScheme::Digest(DigestScheme::new()),
            #[cfg(feature = "negotiate")]
            (Self::Ntlm | Self::Negotiate, Dialect::Omi) => {
                LoginScheme::Ntlm(NtlmScheme::new().untabbed())
            }
            #[cfg(feature = "negotiate")]
            (Self::Ntlm | Self::Negotiate, _) => LoginScheme::Ntlm(NtlmScheme::new()),
        }
    }

    fn credentials(self, user: &str, password: &str) -> Credentials {
        match self {
            Self::Basic => Credentials::basic(user, password),
            Self::Digest => Credentials::digest(user, password),
            #[cfg(feature = "negotiate")]
            Self::Ntlm => Credentials::ntlm(user, password),
            #[cfg(feature = "negotiate")]
            Self::Negotiate => Credentials::negotiate(user, password),
        }
    }
}

/// Runs all checks on the simulator in a dialect, each on its own simulator.
fn simulated(dialect: Dialect, login: Login) -> impl Iterator<Item = Trial> {
    let checks = OF_ANY_SERVER.iter().chain(OF_THE_SAMPLE);
    checks.map(move |&(name, check)| {
        let driver = format!("{dialect:?}_{login:?}").to_lowercase();
        Trial::test(format!("{driver}::{name}"), move || {
            block_on(async {
                let simulator = sample().dialect(dialect).logins([login.scheme(dialect)]);
                let simulator = simulator.start().await.unwrap();
                let target = Target::of_sample(dialect.wire_form(), name);
                let session = session(&simulator, login);
                let outcome = while_ticking(&simulator, check(&session, &target)).await;
                outcome.map_err(|unable| Failed::from(unable.0))
            })
        })
    })
}

fn session(simulator: &Simulator, login: Login) -> Session {
    settings(simulator)
        .credentials(login.credentials(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .build()
        .unwrap()
}

/// Builds a session without a login.
fn settings(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
}

/// Raises an event repeatedly.
async fn ticks(simulator: &Simulator) {
    for number in 1u32.. {
        let tick = Instance::new("Demo_Tick").with("Number", number);
        simulator.emit(tick).unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Does something while events are raised.
async fn while_ticking<T>(simulator: &Simulator, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        () = ticks(simulator) => unreachable!("there is always another number"),
    }
}

/// Uses two threads, so that races are real.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}
