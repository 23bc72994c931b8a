//! The library's settings in the texts of its errors, and the options of the program for them.

/// The library's settings in its texts, and the options that set them.
const OPTIONS: &[(&str, &str)] = &[
    (
        "set SessionBuilder::credentials to a scheme that is offered",
        "set --user, and --auth to a scheme that is offered",
    ),
    ("SessionBuilder::credentials", "--user"),
    (
        "give a ServicePrincipal with a host",
        "give the service with --spn",
    ),
    ("with ServicePrincipal", "with --spn"),
    ("ServicePrincipal::class", "--spn WSMAN/HOST"),
    ("SessionBuilder::max_envelope_size", "--max-envelope-size"),
    ("SessionBuilder::wire_form", "--wire-form"),
    ("`allow_unencrypted()`", "--allow-unencrypted"),
    (
        ", or pin it with `TlsConfigBuilder::trust_pins_alone` and `max_version(TlsVersion::Tls12)`",
        "",
    ),
    ("`TlsConfigBuilder::trust_pins_alone`", "--pin"),
    ("`TlsConfigBuilder::server_name`", "--server-name"),
    (
        "trust its authority, or pin it",
        "trust it with --ca FILE, or pin it with --pin",
    ),
    ("`TlsConfigBuilder::roots`", "--ca FILE"),
    (
        "`TlsConfigBuilder::client_certificate`",
        "--cert and --cert-key",
    ),
    (
        "`TlsConfig::builder().client_certificate()`",
        "--cert and --cert-key",
    ),
    (
        "compare Session::server_certificate with",
        "compare the certificate that `wsman doctor` shows with",
    ),
    (" (SessionBuilder::operation_timeout)", " (--timeout)"),
    // The program has no option for these.
    (" (SessionBuilder::head_limit)", ""),
    (" (SessionBuilder::inactivity_timeout)", ""),
    (" (SessionBuilder::empty_pages)", ""),
    (" (SessionBuilder::deadline)", ""),
    (" or SessionBuilder::limits", ""),
    (" (Limits::depth)", ""),
    (" (Limits::elements)", ""),
    (" (Limits::attributes)", ""),
    (" (Limits::namespaces)", ""),
    (" (Limits::bytes)", ""),
    (": set MofReader::byte_limit", ""),
    (
        ": leave it out, and set the address with SessionBuilder::address",
        ": leave it out",
    ),
    (" (SessionBuilder::lossy_text replaces it with U+FFFD)", ""),
    ("name it with kerberos_etypes, or write", "write"),
    (", or name their type with kerberos_etypes", ""),
    ("kerberos_etypes, or ", ""),
    (
        ": set one with Proxy::credentials",
        ", which this program does not send",
    ),
    (
        ": set it with `Proxy::credentials`",
        ", which this program does not send",
    ),
    (": set them with Proxy::credentials", ""),
];

/// Replaces the settings of the library by the options of the program.
pub(crate) fn in_options(text: &str) -> String {
    let options = OPTIONS.iter();
    options.fold(text.to_owned(), |text, (setting, option)| {
        text.replace(setting, option)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of an error in the library; a test of the library keeps the list whole.
    const TEXTS: &str = include_str!(
        "../../tests/house/error_texts/snapshots/house__error_texts__every_error_text_stands_in_the_snapshot.snap"
    );

    /// What only a program in Rust can follow.
    const FOREIGN: [&str; 9] = [
        "Builder",
        "TlsConfig",
        "ServicePrincipal",
        "Session::",
        "Proxy::",
        "TlsVersion",
        "kerberos_etypes",
        "lossy_text",
        "allow_unencrypted",
    ];

    /// Settings in texts that the list does not have, because they are built of parts.
    const UNLISTED: [&str; 5] = [
        "SessionBuilder::max_envelope_size",
        " (SessionBuilder::operation_timeout)",
        " (SessionBuilder::head_limit)",
        " (SessionBuilder::deadline)",
        " or SessionBuilder::limits",
    ];

    /// Texts of mistakes that the program does not make.
    const UNREACHABLE: [&str; 2] = ["Trust::verifier: ", "versions: "];

    #[test]
    fn no_error_of_the_library_names_a_setting_that_the_program_lacks() {
        for line in TEXTS.lines() {
            // The owner of a text stands before it.
            let Some((_, text)) = line.split_once(": ") else {
                continue;
            };
            if UNREACHABLE.iter().any(|owner| line.starts_with(owner)) {
                continue;
            }
            let shown = in_options(text);
            let foreign = FOREIGN.iter().find(|word| shown.contains(**word));
            assert_eq!(foreign, None, "{line}\n{shown}");
        }
        let settings = OPTIONS.iter().map(|(setting, _)| *setting);
        let unlisted: Vec<_> = settings.filter(|it| !TEXTS.contains(it)).collect();
        assert_eq!(unlisted, UNLISTED);
    }
}
