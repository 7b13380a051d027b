//! The names of state machines and executions, as AWS writes them. On the way in, region and account are not looked at:
//! there is one of each.

use std::fmt;

/// The account of every ARN that this server makes.
pub(crate) const ACCOUNT: &str = "000000000000";

/// An execution, as an ARN names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExecutionArn {
    /// Its state machine.
    pub(crate) machine: String,
    /// Its name.
    pub(crate) name: String,
    /// True where the ARN is one of an Express execution.
    pub(crate) express: bool,
}

/// `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`
pub(crate) fn of_machine(region: &str, name: &str) -> String {
    format!("arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}")
}

/// `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`
pub(crate) fn of_execution(region: &str, machine: &str, name: &str) -> String {
    format!("arn:aws:states:{region}:{ACCOUNT}:execution:{machine}:{name}")
}

/// `arn:aws:states:REGION:ACCOUNT:express:MACHINE:NAME:ID`
pub(crate) fn of_express(region: &str, machine: &str, name: &str, id: impl fmt::Display) -> String {
    format!("arn:aws:states:{region}:{ACCOUNT}:express:{machine}:{name}:{id}")
}

/// The name of the state machine that an ARN names.
pub(crate) fn machine(arn: &str) -> Option<&str> {
    let (kind, rest) = resource(arn)?;
    // A version or an alias follows after another colon; there are none here.
    (kind == "stateMachine" && is_name(rest)).then_some(rest)
}

/// The execution that an ARN names.
pub(crate) fn execution(arn: &str) -> Option<ExecutionArn> {
    let (kind, rest) = resource(arn)?;
    let mut parts = rest.split(':');
    let (machine, name) = (parts.next()?, parts.next()?);
    let express = match (kind, parts.next(), parts.next()) {
        ("execution", None, None) => false,
        ("express", Some(_), None) => true,
        _ => return None,
    };
    (is_name(machine) && is_name(name)).then(|| ExecutionArn {
        machine: machine.to_owned(),
        name: name.to_owned(),
        express,
    })
}

fn resource(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, _account) = (parts.next()?, parts.next()?);
    if scheme != "arn" || !partition.starts_with("aws") || service != "states" {
        return None;
    }
    parts.next()?.split_once(':')
}

/// What may be the name of a state machine or of an execution: 1 to 80 characters, none of those that AWS excludes
/// (white space, brackets, wildcards, `"#%\^|~$&,;:/` and control characters).
pub(crate) fn is_name(name: &str) -> bool {
    const EXCLUDED: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";
    (1..=80).contains(&name.chars().count())
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || EXCLUDED.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(machine(&of_machine("eu-central-1", "Register")), Some("Register"));
        let standard = execution(&of_execution("us-east-1", "review", "run-1")).unwrap();
        assert_eq!(
            (
                standard.machine.as_str(),
                standard.name.as_str(),
                standard.express
            ),
            ("review", "run-1", false)
        );
        let express = execution(&of_express("us-east-1", "Register", "a", "b")).unwrap();
        assert_eq!(
            (express.machine.as_str(), express.name.as_str(), express.express),
            ("Register", "a", true)
        );
    }

    #[test]
    fn other_texts_name_nothing() {
        for arn in [
            "",
            "Register",
            "arn:aws:states:us-east-1:0:stateMachine",
            "arn:aws:states:us-east-1:0:stateMachine:a:1",
            "arn:aws:states:us-east-1:0:activity:a",
            "arn:aws:s3:us-east-1:0:stateMachine:a",
            "arn:aws:states:us-east-1:0:stateMachine:a b",
        ] {
            assert_eq!(machine(arn), None, "{arn}");
        }
        for arn in [
            "arn:aws:states:us-east-1:0:execution:a",
            "arn:aws:states:us-east-1:0:execution:a:b:c",
            "arn:aws:states:us-east-1:0:express:a:b",
            "arn:aws:states:us-east-1:0:stateMachine:a",
        ] {
            assert_eq!(execution(arn), None, "{arn}");
        }
    }
}
