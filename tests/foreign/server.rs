//! A server of others as a process of its own, on a free port.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// A server that runs. It is stopped with this.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

/// Longer than any of them needs to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody else may take a port between looking for it and using it.
const ATTEMPTS: usize = 3;

impl Server {
    /// Starts a server that is told where to listen, and waits until it does.
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

    /// Whether it takes connections, rather than to end.
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
        // One that is over by now needs no more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// A folder that a server may read which is not run by this user: httpd is not by root.
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

/// Where there are no such rights, there are no such servers.
fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    assert!(path.exists() && mode != 0);
}
