//! The states, provinces and territories that issue licences under the AAMVA standard, and their two letters. It knows
//! nothing about how their cards look.

/// Names without spaces, and codes. States and territories of the USA first, then the provinces of Canada.
const TABLE: [(&str, &str); 69] = [
    ("ALABAMA", "AL"),
    ("ALASKA", "AK"),
    ("ARIZONA", "AZ"),
    ("ARKANSAS", "AR"),
    ("CALIFORNIA", "CA"),
    ("COLORADO", "CO"),
    ("CONNECTICUT", "CT"),
    ("DELAWARE", "DE"),
    ("DISTRICTOFCOLUMBIA", "DC"),
    ("FLORIDA", "FL"),
    ("GEORGIA", "GA"),
    ("HAWAII", "HI"),
    ("IDAHO", "ID"),
    ("ILLINOIS", "IL"),
    ("INDIANA", "IN"),
    ("IOWA", "IA"),
    ("KANSAS", "KS"),
    ("KENTUCKY", "KY"),
    ("LOUISIANA", "LA"),
    ("MAINE", "ME"),
    ("MARYLAND", "MD"),
    ("MASSACHUSETTS", "MA"),
    ("MICHIGAN", "MI"),
    ("MINNESOTA", "MN"),
    ("MISSISSIPPI", "MS"),
    ("MISSOURI", "MO"),
    ("MONTANA", "MT"),
    ("NEBRASKA", "NE"),
    ("NEVADA", "NV"),
    ("NEWHAMPSHIRE", "NH"),
    ("NEWJERSEY", "NJ"),
    ("NEWMEXICO", "NM"),
    ("NEWYORKSTATE", "NY"),
    ("NEWYORK", "NY"),
    ("NORTHCAROLINA", "NC"),
    ("NORTHDAKOTA", "ND"),
    ("OHIO", "OH"),
    ("OKLAHOMA", "OK"),
    ("OREGON", "OR"),
    ("PENNSYLVANIA", "PA"),
    ("RHODEISLAND", "RI"),
    ("SOUTHCAROLINA", "SC"),
    ("SOUTHDAKOTA", "SD"),
    ("TENNESSEE", "TN"),
    ("TEXAS", "TX"),
    ("UTAH", "UT"),
    ("VERMONT", "VT"),
    ("VIRGINIA", "VA"),
    ("WASHINGTON", "WA"),
    ("WESTVIRGINIA", "WV"),
    ("WISCONSIN", "WI"),
    ("WYOMING", "WY"),
    ("AMERICANSAMOA", "AS"),
    ("GUAM", "GU"),
    ("NORTHERNMARIANAISLANDS", "MP"),
    ("PUERTORICO", "PR"),
    ("VIRGINISLANDS", "VI"),
    ("ALBERTA", "AB"),
    ("BRITISHCOLUMBIA", "BC"),
    ("MANITOBA", "MB"),
    ("NEWBRUNSWICK", "NB"),
    ("NEWFOUNDLAND", "NL"),
    ("NORTHWESTTERRITORIES", "NT"),
    ("NOVASCOTIA", "NS"),
    ("NUNAVUT", "NU"),
    ("ONTARIO", "ON"),
    ("PRINCEEDWARDISLAND", "PE"),
    ("QUEBEC", "QC"),
    ("SASKATCHEWAN", "SK"),
];

/// Codes of addresses that are no issuers: the armed forces abroad, the Yukon (whose name is too short to be looked
/// for in a heading), Micronesia, the Marshall Islands and Palau.
const ALSO_IN_ADDRESSES: [&str; 7] = ["AA", "AE", "AP", "YT", "FM", "MH", "PW"];

/// Whether two letters name a state or province in an address.
pub(super) fn is_code(code: &str) -> bool {
    TABLE.iter().any(|(_, known)| *known == code) || ALSO_IN_ADDRESSES.contains(&code)
}

/// The code of the state or province whose name begins or makes up a heading, and the letters of the name. The longest
/// name wins (`WEST VIRGINIA`, not `VIRGINIA`). `heading` is in capitals without spaces.
pub(super) fn code_of_heading(heading: &str) -> Option<(&'static str, usize)> {
    let exact = TABLE
        .iter()
        .filter(|(name, _)| heading.starts_with(name))
        .max_by_key(|(name, _)| name.len())
        .map(|(name, code)| (*code, name.len()));
    exact.or_else(|| {
        // One character misread, in names long enough that no other name is as near.
        TABLE
            .iter()
            .find(|(name, _)| name.len() >= 7 && super::text::distance(heading, name) <= 1)
            .map(|(name, code)| (*code, name.len()))
    })
}
