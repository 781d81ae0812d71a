//! `seatkeeper load`: measures how many deliveries Seatkeeper on this machine accepts.

use clap::Args;
use seatkeeper::{clock::Clock, config::Config};
use simulator::load::{self, Figures};

use super::CliError;

#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "clap prints these as they are")]
pub struct Load {
    /// Where to deliver to; signed with SCALEKIT_WEBHOOK_SECRET
    #[arg(long, default_value = "http://127.0.0.1:3000/webhooks/scalekit")]
    to: String,
    /// Keep-alive connections, each with one delivery on the wire at a time
    #[arg(long, default_value_t = 64)]
    connections: u32,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Organizations the invented people are spread over
    #[arg(long, default_value_t = 100)]
    organizations: u64,
    /// The share of deliveries that are sent twice, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    duplicates: f64,
    /// Deliveries a second; without it, as many as possible
    #[arg(long)]
    rate: Option<f64>,
    /// Stop after so many deliveries
    #[arg(long)]
    most: Option<u64>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

impl Load {
    pub async fn run(self) -> Result<(), CliError> {
        let config = Config::load().map_err(CliError::refused)?;
        let secret = config.webhook_secrets().map_err(CliError::refused)?.first().clone();
        let load = load::Load {
            connections: self.connections,
            seconds: self.seconds,
            organizations: self.organizations,
            duplicates: self.duplicates,
            per_second: self.rate,
            most: self.most,
            ..load::Load::new(self.to, secret)
        };
        let figures = load::run(load, Clock::machine()).await.map_err(CliError::refused)?;
        if self.json {
            println!("{}", serde_json::to_string(&figures).map_err(CliError::failed)?);
        } else {
            print(&figures);
        }
        Ok(())
    }
}

fn print(figures: &Figures) {
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms"));
    println!(
        "{} acknowledged in {:.1} s: {:.0} a second",
        figures.acknowledged, figures.seconds, figures.per_second
    );
    println!("half took at most {}, 99 in 100 at most {}", ms(figures.p50_ms), ms(figures.p99_ms));
    for (status, n) in &figures.refused {
        println!("{n} answered with {status}");
    }
}
