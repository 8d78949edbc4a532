"""What columns are usually called in other systems, by our field. Letters and digits alone, without accents."""

PERSON_EMAIL = "emailaddress mail mailaddress emailid workemail businessemail contactemail adressemail courriel correo"
MOMENTS = "date time datetime timestamp"

LEADS = {
    "email": f"{PERSON_EMAIL} leademail primaryemail emailadresse",
    "external_id": "id leadid contactid recordid personid customerid mqlid crmid uid nr no number kontaktnr",
    "first_name": "firstname givenname forename fname prenom vorname nombre contactfirstname",
    "last_name": "lastname familyname surname lname nom nachname apellido contactlastname",
    "title": "jobtitle position role function jobrole poste funktion berufsbezeichnung",
    "phone": "phonenumber telephone tel mobile mobilephone cell workphone businessphone telefon telefono handy",
    "company.name": "company companyname account accountname organization organisation employer firma societe empresa"
    " unternehmen entreprise",
    "company.domain": "domain website companydomain companywebsite webseite site siteweb url",
    "company.naics": "naics naicscode",
    "company.annual_revenue": "annualrevenue revenue turnover umsatz chiffredaffaires",
    "company.employees": "employees numberofemployees employeecount companysize headcount noofemployees mitarbeiter"
    " effectif",
    "company.locations": "locations numberoflocations offices standorte",
    "company.country": "country countrycode land pays pais",
    "channel": "leadsource origin source originalsource utmmedium medium trafficsource channelname kanal canal herkunft"
    " provenance",
    "campaign": "campaignname utmcampaign campaignid kampagne campagne campana",
    "self_reported_source": "howdidyouhearaboutus howdidyouhear selfreported heardfrom",
    "score": "leadscore points rating leadpoints punkte note",
    "expected_value": "expectedvalue dealvalue value potentialvalue expectedrevenue wert valeur",
    "currency": "currencycode currencyisocode wahrung waehrung devise",
    "created_at": f"{MOMENTS} created createddate createdate createdon datecreated signupdate firstcontactdate"
    " firstseen erstelltam creele",
    "at": "updated updatedat modified lastmodified lastmodifieddate modifieddate",
    "stage": "leadstatus status lifecyclestage leadstage phase etape",
    "owner": "leadowner ownername owneremail contactowner salesrep assignedto rep accountmanager vertriebler"
    " commercial",
    "team": "territory region salesteam teamname vertriebsteam",
}
TOUCHES = {
    "email": f"{PERSON_EMAIL} leademail",
    "lead_external_id": "leadid contactid personid recordid mqlid contact lead customerid",
    "at": f"{MOMENTS} when activitydate eventdate eventtime happenedat createdat activitytime datum",
    "kind": "type activity activitytype event eventtype action touchtype art",
    "channel": "source origin utmmedium medium trafficsource channelname kanal canal",
    "campaign": "campaignname utmcampaign campaignid kampagne campagne",
    "subject": "title what page url asset description content betreff objet",
    "external_id": "id activityid eventid touchid uid",
}
OUTCOMES = {
    "external_id": "id leadid contactid recordid mqlid crmid uid",
    "email": f"{PERSON_EMAIL} leademail",
    "mql_at": "mqldate dateofmql becamemql marketingqualifiedon handoffdate",
    "accepted_at": "saldate accepteddate acceptedon dateaccepted salesaccepteddate",
    "qualified_at": "sqldate qualifieddate qualifiedon salesqualifieddate opportunitydate",
    "closed_at": "closedate closeddate closedon dateclosed wondate windate dealclosedate",
    "outcome": "stage status dealstage result dealstatus leadstatus",
    "amount": "dealamount dealvalue value revenue amountwon price betrag montant",
    "currency": "currencycode currencyisocode wahrung waehrung devise",
    "reason": "lossreason lostreason closedlostreason closereason grund",
    "competitor": "lostto wonby competitorname wettbewerber concurrent",
    "owner": "salesrep ownername owneremail dealowner opportunityowner assignedto rep srid",
}
PEOPLE = {
    "name": "fullname displayname username person salesrep",
    "email": f"{PERSON_EMAIL} login",
    "role": "userrole profile function",
    "team": "salesteam department teamname group region",
    "manager": "managername reportsto supervisor boss teamlead",
    "time_zone": "timezone tz zone",
}

SYNONYMS: dict[str, dict[str, str]] = {
    "leads": LEADS,
    "touches": TOUCHES,
    "outcomes": OUTCOMES,
    "people": PEOPLE,
}
