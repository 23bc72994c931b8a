//! Exports the spans of the client by OTLP over HTTP. The collector is that of `OTEL_EXPORTER_OTLP_ENDPOINT`,
//! which defaults to `http://localhost:4318`:
//!
//! ```sh
//! cargo run -p wsman-otlp --example otlp
//! ```

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use wsman::simulator::sample;
use wsman::{Credentials, Instance, PutMode, Session};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let resource = Resource::builder().with_service_name("wsman-example");
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build();
    // The spans of the client alone: those of hyper would include the exporter's own.
    let own = Targets::new().with_target("wsman", LevelFilter::TRACE);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("wsman"));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(own));
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_current_thread();
    { runtime }.enable_all().build()?.block_on(work())?;
    provider.shutdown()?;
    Ok(())
}

/// A share that is created, because its update finds none, and then not created again.
async fn work() -> Outcome {
    let simulator = sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let share = Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", "not-exported");
    session.put_instance(&share).await?;
    let again = session.put_instance(&share).mode(PutMode::CreateOnly).await;
    assert!(again.is_err());
    Ok(())
}
