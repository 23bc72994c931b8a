//! A foreign server in its own process, on a free port.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// A running server; dropping it stops the process.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

/// Longer than any of them needs to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Another process may take a port between the search and its use.
const ATTEMPTS: usize = 3;

impl Server {
    /// Starts a server on a given port, and waits until it listens.
    pub(crate) async fn start(mut command: impl FnMut(SocketAddr) -> Command) -> Self {
        for _attempt in 0..ATTEMPTS {
            let address = free_address();
            let mut command = command(address);
            let process = command
                .spawn()
                .unwrap_or_else(|error| panic!("{command:?}: {error}"));
            let mut server = Self { process, address };
            if server.listens().await {
                return server;
            }
        }
        panic!("the server does not start; its log has why");
    }

    /// Returns whether it accepts connections; false if it ended.
    async fn listens(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if TcpStream::connect(self.address).await.is_ok() {
                return true;
            }
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has already ended needs no signal.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Creates a folder that a server of another user may read: httpd started by root changes its user.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    make_readable(folder.path());
    folder
}

/// Lets every user read a file or folder.
pub(crate) fn make_readable(path: &Path) {
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    set_mode(path, mode);
}

/// Lets every user write into a folder.
pub(crate) fn make_writable(folder: &Path) {
    set_mode(folder, 0o777);
}

/// Systems without such permissions do not run these servers.
fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    assert!(path.exists() && mode != 0);
}
