//! The trace of `-v` and `-vv`.

use crate::program::Ending;
use crate::served::Served;

const PASSWORD: &str = "correct-horse-7";

const VALUE: &str = "value-of-a-property";

async fn put(flags: &[&str]) -> Ending {
    let server = Served::with_password(&[], PASSWORD).await;
    let path = format!("Path={VALUE}");
    let words = [
        "put",
        "Win32_Share",
        "Name=logs",
        &path,
        "Type=0",
        "--user",
        "ops",
    ];
    let program = server.program(&[&words[..], flags].concat());
    program.env("WSMAN_PASSWORD", PASSWORD).run().await
}

#[tokio::test]
async fn tells_operations_and_their_messages_without_secrets() {
    let quiet = put(&[]).await;
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""), "{quiet:?}");
    for (flag, has_messages) in [("-v", false), ("-vv", true)] {
        let ending = put(&[flag]).await;
        assert_eq!(ending.code, 0, "{ending:?}");
        assert_eq!(ending.stdout, quiet.stdout, "the trace is on stderr");
        let lines: Vec<&str> = ending.stderr.lines().collect();
        let is_of_put = |line: &&&str| line.contains(r#"operation="PutInstance""#);
        let done: Vec<_> = lines
            .iter()
            .filter(is_of_put)
            .filter(|line| line.contains("done"))
            .collect();
        assert_eq!(done.len(), 1, "{ending:?}");
        assert!(done[0].trim_start().starts_with("DEBUG"), "{ending:?}");
        assert!(done[0].contains("class=Win32_Share"), "{ending:?}");
        assert!(done[0].contains(r#"outcome="ok""#), "{ending:?}");
        for (line, name) in lines
            .iter()
            .flat_map(|line| ["class=", "keys=", " operation="].map(|name| (line, name)))
        {
            assert!(line.matches(name).count() <= 1, "{name} twice: {line}");
        }
        for action in ["Put", "Create"] {
            let action = format!("action={action} ");
            let count = lines.iter().filter(|line| line.contains(&action)).count();
            assert_eq!(count, usize::from(has_messages), "{action}: {ending:?}");
        }
        for secret in [PASSWORD, VALUE, "Authorization", "<s:Envelope"] {
            assert!(!ending.stderr.contains(secret), "{secret}: {ending:?}");
        }
    }
}
