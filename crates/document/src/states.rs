//! The names of the states, provinces and territories that issue licences under the AAMVA standard, by their two letters
//! (USPS Publication 28, appendix B; Canada Post, *Addressing guidelines*).

pub(crate) const NAMES: [(&str, &str); 70] = [
    ("AB", "ALBERTA"),
    ("AK", "ALASKA"),
    ("AL", "ALABAMA"),
    ("AR", "ARKANSAS"),
    ("AS", "AMERICAN SAMOA"),
    ("AZ", "ARIZONA"),
    ("BC", "BRITISH COLUMBIA"),
    ("CA", "CALIFORNIA"),
    ("CO", "COLORADO"),
    ("CT", "CONNECTICUT"),
    ("DC", "DISTRICT OF COLUMBIA"),
    ("DE", "DELAWARE"),
    ("FL", "FLORIDA"),
    ("GA", "GEORGIA"),
    ("GU", "GUAM"),
    ("HI", "HAWAII"),
    ("IA", "IOWA"),
    ("ID", "IDAHO"),
    ("IL", "ILLINOIS"),
    ("IN", "INDIANA"),
    ("KS", "KANSAS"),
    ("KY", "KENTUCKY"),
    ("LA", "LOUISIANA"),
    ("MA", "MASSACHUSETTS"),
    ("MB", "MANITOBA"),
    ("MD", "MARYLAND"),
    ("ME", "MAINE"),
    ("MI", "MICHIGAN"),
    ("MN", "MINNESOTA"),
    ("MO", "MISSOURI"),
    ("MP", "NORTHERN MARIANA ISLANDS"),
    ("MS", "MISSISSIPPI"),
    ("MT", "MONTANA"),
    ("NB", "NEW BRUNSWICK"),
    ("NC", "NORTH CAROLINA"),
    ("ND", "NORTH DAKOTA"),
    ("NE", "NEBRASKA"),
    ("NH", "NEW HAMPSHIRE"),
    ("NJ", "NEW JERSEY"),
    ("NL", "NEWFOUNDLAND AND LABRADOR"),
    ("NM", "NEW MEXICO"),
    ("NS", "NOVA SCOTIA"),
    ("NT", "NORTHWEST TERRITORIES"),
    ("NU", "NUNAVUT"),
    ("NV", "NEVADA"),
    ("NY", "NEW YORK"),
    ("OH", "OHIO"),
    ("OK", "OKLAHOMA"),
    ("ON", "ONTARIO"),
    ("OR", "OREGON"),
    ("PA", "PENNSYLVANIA"),
    ("PE", "PRINCE EDWARD ISLAND"),
    ("PR", "PUERTO RICO"),
    ("QC", "QUEBEC"),
    ("RI", "RHODE ISLAND"),
    ("SC", "SOUTH CAROLINA"),
    ("SD", "SOUTH DAKOTA"),
    ("SK", "SASKATCHEWAN"),
    ("TN", "TENNESSEE"),
    ("TX", "TEXAS"),
    ("UT", "UTAH"),
    ("VA", "VIRGINIA"),
    ("VI", "VIRGIN ISLANDS"),
    ("VT", "VERMONT"),
    ("WA", "WASHINGTON"),
    ("WI", "WISCONSIN"),
    ("WV", "WEST VIRGINIA"),
    ("WY", "WYOMING"),
    ("YT", "YUKON"),
    ("DOS", "UNITED STATES DEPARTMENT OF STATE"),
];

/// The name of an issuer by its code.
pub(crate) fn name(code: &str) -> Option<&'static str> {
    let found = NAMES.iter().find(|(known, _)| *known == code);
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(name("NY"), Some("NEW YORK"));
        assert_eq!(name("UTO"), None);
    }
}
