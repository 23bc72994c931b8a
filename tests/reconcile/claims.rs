//! One claim for each state of the server, in each dialect.

use wsman::auth::Secret;
use wsman::put::{PartialUpdate, PutInstance, Reconciled, Unknowable};
use wsman::simulator::{Dialect, Knob, RawAnswer, Simulator};
use wsman::{Error, Instance, InstancePath, PutMode, Request, Session};

use crate::{builder, simulator};
use PutMode::{CreateOnly, CreateOrUpdate, UpdateOnly};
use Reconciled::{Done, NotDone};

const MAY_BE_OLD: Reconciled = unknowable(Unknowable::MayBeOld);
const DIFFERS: Reconciled = unknowable(Unknowable::Differs);
const DELETED: Reconciled = unknowable(Unknowable::Deleted);

const fn unknowable(why: Unknowable) -> Reconciled {
    Reconciled::Unknowable { why }
}

fn lamp(level: u32) -> Instance {
    Instance::new("Acme_Lamp")
        .with_key("Name", "desk")
        .with("Level", level)
}

/// Puts the lamp into this state; `None` removes it.
fn set(simulator: &Simulator, level: Option<u32>) {
    let path = InstancePath::new("Acme_Lamp").with_key("Name", "desk");
    simulator.remove(&path);
    if let Some(level) = level {
        simulator.insert(lamp(level)).unwrap();
    }
}

/// The level that each put sends.
const SENT: u32 = 9;

/// What was before (`None`: the caller does not know), what is now, and the claim for each mode.
type Claim = (Option<Option<u32>>, Option<u32>, [(PutMode, Reconciled); 3]);

#[rustfmt::skip]
const CLAIMS: [Claim; 13] = [
    (None, None, [(CreateOnly, NotDone), (UpdateOnly, NotDone), (CreateOrUpdate, NotDone)]),
    (None, Some(SENT), [(CreateOnly, Done), (UpdateOnly, MAY_BE_OLD), (CreateOrUpdate, MAY_BE_OLD)]),
    (None, Some(2), [(CreateOnly, DIFFERS), (UpdateOnly, DIFFERS), (CreateOrUpdate, DIFFERS)]),
    (Some(None), None, [(CreateOnly, NotDone), (UpdateOnly, NotDone), (CreateOrUpdate, NotDone)]),
    (Some(None), Some(SENT), [(CreateOnly, Done), (UpdateOnly, Done), (CreateOrUpdate, Done)]),
    (Some(None), Some(2), [(CreateOnly, DIFFERS), (UpdateOnly, DIFFERS), (CreateOrUpdate, DIFFERS)]),
    (Some(Some(1)), None, [(CreateOnly, DELETED), (UpdateOnly, DELETED), (CreateOrUpdate, DELETED)]),
    (Some(Some(1)), Some(1), [(CreateOnly, NotDone), (UpdateOnly, NotDone), (CreateOrUpdate, NotDone)]),
    (Some(Some(1)), Some(SENT), [(CreateOnly, Done), (UpdateOnly, Done), (CreateOrUpdate, Done)]),
    (Some(Some(1)), Some(2), [(CreateOnly, DIFFERS), (UpdateOnly, DIFFERS), (CreateOrUpdate, DIFFERS)]),
    (Some(Some(SENT)), Some(SENT), [(CreateOnly, MAY_BE_OLD), (UpdateOnly, MAY_BE_OLD), (CreateOrUpdate, MAY_BE_OLD)]),
    (Some(Some(SENT)), Some(2), [(CreateOnly, DIFFERS), (UpdateOnly, DIFFERS), (CreateOrUpdate, DIFFERS)]),
    (Some(Some(SENT)), None, [(CreateOnly, DELETED), (UpdateOnly, DELETED), (CreateOrUpdate, DELETED)]),
];

#[tokio::test]
async fn claims_what_the_state_shows() {
    for dialect in Dialect::ALL {
        let simulator = simulator(dialect).await;
        let session = builder(&simulator).build().unwrap();
        for (before, now, claims) in CLAIMS {
            set(&simulator, now);
            for (mode, claim) in claims {
                let put = session.put_instance(&lamp(SENT)).mode(mode);
                let reconcile = match before {
                    None => put.reconcile(),
                    Some(before) => session.reconcile(&put).before(before.map(lamp)),
                };
                let case = format!("{dialect:?}, {before:?} -> {now:?}, {mode:?}");
                assert_eq!(reconcile.await.unwrap(), claim, "{case}");
            }
        }
        let writes = |action: &str| action.ends_with("/Put") || action.ends_with("/Create");
        let requests = simulator.requests();
        let mut actions = requests.iter().filter_map(|seen| seen.action.as_deref());
        assert!(!actions.any(writes), "it writes nothing");
    }
}

/// Loses the answer, or the message, of a put; returns the claim.
async fn lose(simulator: &Simulator, put: &Request<PutInstance>, knob: Knob) -> Reconciled {
    let path = InstancePath::new("Acme_Lamp").with_key("Name", "desk");
    let before = simulator.instance(&path);
    simulator.next(knob);
    assert!(put.clone().await.unwrap_err().may_have_changed());
    put.reconcile().before(before).await.unwrap()
}

#[tokio::test]
async fn settles_a_lost_put() {
    for dialect in Dialect::ALL {
        for (was, mode) in [
            (None, CreateOnly),
            (Some(1), UpdateOnly),
            (Some(1), CreateOrUpdate),
        ] {
            let simulator = simulator(dialect).await;
            let session = builder(&simulator).build().unwrap();
            set(&simulator, was);
            let put = session.put_instance(&lamp(SENT)).mode(mode);
            let cut = lose(&simulator, &put, Knob::CutRequestAt(900)).await;
            assert_eq!(cut, NotDone, "{dialect:?}, {mode:?}");
            let dropped = lose(&simulator, &put, Knob::DropAnswer).await;
            assert_eq!(dropped, Done, "{dialect:?}, {mode:?}");
            // Sent once more, it changes nothing that could be seen.
            if mode != CreateOnly {
                let again = lose(&simulator, &put, Knob::DropAnswer).await;
                assert_eq!(again, MAY_BE_OLD, "{dialect:?}, {mode:?}");
            }
        }
    }
}

/// A lamp whose owner is another client's, and whose level is the put's.
fn read() -> Instance {
    let mut lamp = lamp(1).with("Owner", "first");
    lamp.set_unmodified();
    lamp
}

#[tokio::test]
async fn a_partial_update_compares_what_it_sends() {
    let simulator = simulator(Dialect::Windows).await;
    let session = builder(&simulator).build().unwrap();
    let path = InstancePath::new("Acme_Lamp").with_key("Name", "desk");
    let mut wanted = read();
    wanted.set("Level", SENT);
    for (partial, claim) in [
        (PartialUpdate::Whole, DIFFERS),
        (PartialUpdate::ModifiedProperties, Done),
        (PartialUpdate::Merge, Done),
        (PartialUpdate::Fragment("Level".into()), Done),
        (PartialUpdate::Fragment("Owner".into()), DIFFERS),
    ] {
        // The level is written, and another client takes the lamp.
        simulator.remove(&path);
        simulator
            .insert(lamp(SENT).with("Owner", "second"))
            .unwrap();
        let put = session
            .put_instance(&wanted)
            .mode(UpdateOnly)
            .partial(partial.clone());
        let claimed = put.reconcile().before(read()).await.unwrap();
        assert_eq!(claimed, claim, "{partial:?}");
    }
}

#[tokio::test]
async fn a_missing_value_is_null_and_no_other_value() {
    let simulator = simulator(Dialect::Openwsman).await;
    let session = builder(&simulator).build().unwrap();
    set(&simulator, Some(SENT));
    let null = session
        .put_instance(&lamp(SENT).with_null("Owner"))
        .mode(UpdateOnly);
    assert_eq!(null.reconcile().before(lamp(1)).await.unwrap(), Done);
    let owned = session
        .put_instance(&lamp(SENT).with("Owner", "me"))
        .mode(UpdateOnly);
    assert_eq!(owned.reconcile().before(lamp(1)).await.unwrap(), DIFFERS);
}

#[tokio::test]
async fn a_secret_and_a_key_are_not_compared() {
    let simulator = simulator(Dialect::Windows).await;
    let session = builder(&simulator).build().unwrap();
    set(&simulator, Some(SENT));
    let secret = Secret::from("hunter2");
    let only = Instance::new("Acme_Lamp")
        .with_key("Name", "desk")
        .with("Owner", secret.clone());
    let put = session.put_instance(&only).mode(UpdateOnly);
    let nothing = unknowable(Unknowable::NothingToCompare);
    assert_eq!(put.reconcile().before(lamp(1)).await.unwrap(), nothing);
    let put = session
        .put_instance(&lamp(SENT).with("Owner", secret))
        .mode(UpdateOnly);
    assert_eq!(put.reconcile().before(lamp(1)).await.unwrap(), Done);
    let only_keys = Instance::new("Acme_Lamp").with_key("Name", "desk");
    let put = session.put_instance(&only_keys).mode(CreateOnly);
    assert_eq!(put.reconcile().before(None).await.unwrap(), nothing);
}

#[tokio::test]
async fn keys_of_the_server_cannot_be_found() {
    let simulator = simulator(Dialect::Windows).await;
    let session = builder(&simulator).build().unwrap();
    let put = session
        .put_instance(&Instance::new("Acme_Lamp").with("Level", 1u32))
        .mode(CreateOnly);
    let claim = put.reconcile().await.unwrap();
    assert_eq!(claim, unknowable(Unknowable::NoKeys));
    let put = session.put_instance(&Instance::new("Acme_Lamp").with("Level", 1u32));
    assert!(matches!(
        put.reconcile().await,
        Err(Error::InvalidParameter(_))
    ));
    assert_eq!(simulator.requests().len(), 0);
}

/// Windows sends the same for a missing instance and a missing class.
#[tokio::test]
async fn a_missing_class_is_not_a_missing_instance() {
    let simulator = simulator(Dialect::Windows).await;
    let session = builder(&simulator).build().unwrap();
    let elsewhere = Instance::new("Acme_Missing")
        .with_key("Name", "desk")
        .with("Level", 1u32);
    let put = session.put_instance(&elsewhere).mode(CreateOnly);
    let claim = unknowable(Unknowable::AmbiguousNotFound);
    assert_eq!(put.reconcile().await.unwrap(), claim);
}

#[tokio::test]
async fn a_failed_read_is_its_error() {
    let simulator = simulator(Dialect::Windows).await;
    let session: Session = builder(&simulator).build().unwrap();
    simulator.next(Knob::Answer(RawAnswer::new(503)));
    let put = session.put_instance(&lamp(SENT));
    let error = put.reconcile().await.unwrap_err();
    assert!(matches!(error, Error::ShuttingDown(_)), "{error}");
    assert!(!error.may_have_changed());
}
