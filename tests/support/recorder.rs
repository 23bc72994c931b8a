//! A recorder of the facade `metrics` that keeps every number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// What identifies a number: its metric, and the names and values of its labels.
pub(crate) type Series = (String, BTreeMap<String, String>);

/// The numbers, and the description of each metric.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    /// The sum of each counter, or of the values of each histogram.
    pub(crate) sums: BTreeMap<Series, f64>,
    /// How many values each histogram has.
    pub(crate) counts: BTreeMap<Series, u64>,
    /// The kind and the unit of each described metric.
    pub(crate) described: BTreeMap<String, (&'static str, Option<Unit>)>,
    /// The kind of each metric that was recorded.
    pub(crate) kinds: BTreeSet<(String, &'static str)>,
}

/// The recorder, shared by its clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptMetrics(Arc<Mutex<Metrics>>);

/// One number.
struct Number {
    metrics: KeptMetrics,
    series: Series,
}

impl KeptMetrics {
    pub(crate) fn all(&self) -> Metrics {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Metrics> {
        self.0.lock().unwrap()
    }

    fn describe(&self, name: &KeyName, kind: &'static str, unit: Option<Unit>) {
        let name = name.as_str().to_owned();
        self.locked().described.insert(name, (kind, unit));
    }

    fn number(&self, key: &Key, kind: &'static str) -> Arc<Number> {
        let labels = key.labels();
        let labels = labels.map(|label| (label.key().to_owned(), label.value().to_owned()));
        let series = (key.name().to_owned(), labels.collect());
        self.locked().kinds.insert((key.name().to_owned(), kind));
        let metrics = self.clone();
        Arc::new(Number { metrics, series })
    }
}

impl Number {
    fn add(&self, value: f64) {
        let mut metrics = self.metrics.locked();
        *metrics.sums.entry(self.series.clone()).or_default() += value;
        *metrics.counts.entry(self.series.clone()).or_default() += 1;
    }
}

impl CounterFn for Number {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {
        panic!("no counter is set");
    }
}

impl HistogramFn for Number {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl GaugeFn for Number {
    fn increment(&self, _: f64) {}

    fn decrement(&self, _: f64) {}

    fn set(&self, _: f64) {}
}

impl Recorder for KeptMetrics {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, "counter", unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, "gauge", unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, "histogram", unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.number(key, "counter"))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.number(key, "gauge"))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.number(key, "histogram"))
    }
}
