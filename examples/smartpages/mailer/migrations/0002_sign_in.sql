insert into templates (name, locale, subject, text, html) values
('sign-in', 'en', 'Your link to sign in to {{appName}}',
'Hello,

follow this link to sign in to {{appName}}:

{{url}}

Are you reading this on another device? Then type this code into the page that asked for your address:

{{code}}

Link and code work once, until {{until}}.

You did not ask to sign in? Then ignore this mail. Nothing happens.
',
'<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Your link to sign in to {{appName}}</title>
</head>
<body style="margin:0 auto;padding:1.5rem;max-width:34rem;font:1rem/1.6 system-ui,sans-serif">
<h1 style="font-size:1.4rem">Sign in to {{appName}}</h1>
<p><a href="{{url}}" style="display:inline-block;padding:.75rem 1.4rem;border-radius:.5rem;background:#1d4f91;color:#ffffff;font-weight:600">Sign in to {{appName}}</a></p>
<p>Are you reading this on another device? Then type this code into the page that asked for your address:</p>
<p style="font-size:1.6rem;letter-spacing:.1em"><strong>{{code}}</strong></p>
<p>Link and code work once, until {{until}}.</p>
<p>You did not ask to sign in? Then ignore this mail. Nothing happens.</p>
<p style="font-size:.85rem">If the button does not work, copy this address into your browser:<br><span style="word-break:break-all">{{url}}</span></p>
</body>
</html>
'),
('sign-in', 'de', 'Ihr Link zur Anmeldung bei {{appName}}',
'Guten Tag,

folgen Sie diesem Link, um sich bei {{appName}} anzumelden:

{{url}}

Sie lesen das auf einem anderen Gerät? Dann geben Sie diesen Code auf der Seite ein, die Ihre Adresse wissen wollte:

{{code}}

Link und Code gelten einmal, bis {{until}}.

Sie wollten sich nicht anmelden? Dann beachten Sie diese E-Mail nicht weiter. Es geschieht nichts.
',
'<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Ihr Link zur Anmeldung bei {{appName}}</title>
</head>
<body style="margin:0 auto;padding:1.5rem;max-width:34rem;font:1rem/1.6 system-ui,sans-serif">
<h1 style="font-size:1.4rem">Anmeldung bei {{appName}}</h1>
<p><a href="{{url}}" style="display:inline-block;padding:.75rem 1.4rem;border-radius:.5rem;background:#1d4f91;color:#ffffff;font-weight:600">Bei {{appName}} anmelden</a></p>
<p>Sie lesen das auf einem anderen Gerät? Dann geben Sie diesen Code auf der Seite ein, die Ihre Adresse wissen wollte:</p>
<p style="font-size:1.6rem;letter-spacing:.1em"><strong>{{code}}</strong></p>
<p>Link und Code gelten einmal, bis {{until}}.</p>
<p>Sie wollten sich nicht anmelden? Dann beachten Sie diese E-Mail nicht weiter. Es geschieht nichts.</p>
<p style="font-size:.85rem">Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:<br><span style="word-break:break-all">{{url}}</span></p>
</body>
</html>
');
