using System.Globalization;
using System.Text;
using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.Journal;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Pages;

/// <summary>The page on which everything can be made to go wrong, with what waits, the clock and the newest requests beside it.</summary>
internal sealed class RehearsalPage(
    IReadOnlyList<Fault> waiting, SandboxClock clock, IReadOnlyList<JournalEntry> journal, RehearsalScope scope)
{
    private const int NewestRequests = 30;
    private const string Example = """{"match":"PUT /instances/*","status":409,"message":"In use"}""";

    /// <param name="set">Id of the switch that was just set, or tried; it may be anything.</param>
    /// <param name="problem">Why it could not be; null when it could.</param>
    /// <param name="own">What was written out as JSON; null for nothing.</param>
    public IResult Html(string set, string? problem, string? own)
    {
        var main = $"""
            <main class="rehearsal">
            <h1>Rehearse</h1>
            <p>Set a switch, then do in the portal what it is about. A request meets one switch at most, the one that was set first. <a href="/">What the sandbox is</a></p>
            {(problem is null ? string.Empty : $"""<p class="error" role="alert">Nothing was set. {Encode(problem)}</p>""")}
            <nav aria-label="On this page"><ul class="jump">{string.Concat(Rehearsals.Groups.Select(group => Jump("group-" + group.Id, group.Title)))}{Jump("group-own", "Anything else")}{Jump("waiting", $"Waiting ({waiting.Count})")}{Jump("clock", "Clock")}{Jump("requests", "Newest requests")}</ul></nav>
            <div class="columns">
            {Switches(set, problem is null, own)}
            <div class="beside">
            {Waiting()}
            {Clock()}
            {Requests()}
            </div>
            </div>
            </main>
            """;
        return new HtmlPage("Rehearse", main, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest)
        {
            Head = scope.IsLive ? """<meta http-equiv="refresh" content="3">""" : string.Empty,

            // Its forms are told from others' by their origin, which browsers keep to themselves under "no-referrer".
            ReferrerPolicy = "same-origin",
        };
    }

    private string Switches(string set, bool isSet, string? own)
    {
        var groups = new StringBuilder();
        foreach (var group in Rehearsals.Groups)
        {
            groups.Append(CultureInfo.InvariantCulture, $"""
                <section class="card" aria-labelledby="group-{group.Id}">
                <h2 id="group-{group.Id}">{Encode(group.Title)}</h2>
                <p class="quiet">{Encode(group.About)}</p>
                <ul class="switches">
                {string.Join('\n', group.Switches.Select(one => Switch(one, isSet && one.Id == set)))}
                </ul>
                </section>

                """);
        }

        return $"""
            <form method="post" action="{RehearsalEndpoints.SetPath}" class="groups" aria-label="Switches">
            <section class="card" aria-labelledby="scope">
            <h2 id="scope">For which requests</h2>
            <fieldset>
            <legend>How often</legend>
            <label class="choice"><input type="radio" name="times" value="{RehearsalScope.Once}"{Checked(scope.Times == RehearsalScope.Once)}> The next time only</label>
            <label class="choice"><input type="radio" name="times" value="{FaultTimes.Always}"{Checked(scope.Times == FaultTimes.Always)}> Every time, until it is removed</label>
            </fieldset>
            <div class="field">
            <label for="only">Only for requests that contain (optional)</label>
            <input id="only" name="only" type="text" value="{Encode(scope.Only)}" maxlength="200" autocomplete="off" spellcheck="false" aria-describedby="only-help">
            <p class="quiet" id="only-help">What tells one attempt, as it is written here: its client ID, for all of its calls; the state in the address of its sign-in page, for those from there on; the instance's name, or <code>portal:</code> and the attempt's id as in its tag, for those from <code>POST /instances</code> on. It is looked for in path, query and body, and in what is known of the request: whose consent its code is of, and which instance it is about. What is asked of an element before leaving (<code>GET /elements/…</code>) and lists without a tag are nobody's, and are never met.</p>
            </div>
            {Live()}
            <button class="btn" type="submit">Keep this</button>
            </section>
            {groups}
            <section class="card" aria-labelledby="group-own" id="switch-own">
            <h2 id="group-own">Anything else</h2>
            {SetNote(isSet && set == RehearsalEndpoints.Own)}
            <div class="field">
            <label for="own">A fault as JSON</label>
            <textarea id="own" name="{RehearsalEndpoints.Own}" rows="3" spellcheck="false" aria-describedby="own-help">{Encode(string.IsNullOrEmpty(own) ? Example : own)}</textarea>
            <p class="quiet" id="own-help">As for <code>POST /sandbox/faults</code>, with its own <code>times</code> and <code>only</code>. One that does not fit is answered with everything that it may hold.</p>
            </div>
            <button class="btn" type="submit" name="switch" value="{RehearsalEndpoints.Own}" aria-label="Set: the fault written above">Set</button>
            </section>
            </form>
            """;
    }

    private static string Switch(Rehearsal one, bool isSet)
    {
        var choice = one.Choice is { } given
            ? $"""<div class="field"><label for="value-{one.Id}">{Encode(given.Label)}</label><input id="value-{one.Id}" name="value-{one.Id}" type="text" value="{Encode(given.Standard)}" maxlength="200" autocomplete="off" spellcheck="false"></div>"""
            : string.Empty;
        return $"""
            <li id="switch-{one.Id}">
            <div>
            <h3>{Encode(one.Title)}</h3>
            <p id="about-{one.Id}">{Encode(one.Purpose)}</p>
            <p class="quiet">Ends on: {Encode(one.Ends)}.</p>
            {SetNote(isSet)}
            </div>
            <div class="set">{choice}<button class="btn" type="submit" name="switch" value="{one.Id}" aria-label="Set: {Encode(one.Title)}" aria-describedby="about-{one.Id}">Set</button></div>
            </li>
            """;
    }

    private static string SetNote(bool isSet) => isSet ? """<p class="note" role="status">Set. It is in the list of what waits until a request meets it.</p>""" : string.Empty;

    private string Waiting()
    {
        var list = waiting.Count == 0
            ? "<p>Nothing: every request is answered as it should be.</p>"
            : $"""
                <form method="post" action="{RehearsalEndpoints.RemovePath}" aria-label="Waiting switches">
                {Kept()}
                <ol class="waiting">
                {string.Join('\n', waiting.Select(Waiting))}
                </ol>
                <button class="btn" type="submit" name="fault" value="all">Remove all</button>
                </form>
                """;
        return $"""
            <section class="card" aria-labelledby="waiting">
            <h2 id="waiting">Waiting ({waiting.Count})</h2>
            {list}
            </section>
            """;
    }

    private static string Waiting(Fault fault)
    {
        var times = fault.Times switch
        {
            0 => "every time",
            1 => "once",
            var number => string.Create(CultureInfo.InvariantCulture, $"{number} times"),
        };
        var only = fault.Only is null ? string.Empty : $" Only for <code>{Encode(fault.Only)}</code>.";
        var match = fault.Match is null ? string.Empty : $" at <code>{Encode(fault.Match)}</code>";
        return $"""
            <li><div><strong>{Encode(fault.Describe())}</strong>{match}, {times}.{only}</div><button class="btn btn-small" type="submit" name="fault" value="{fault.Id}" aria-label="Remove: {Encode(fault.Describe())}, {times}">Remove</button></li>
            """;
    }

    private string Clock()
    {
        var now = clock.GetUtcNow();
        return $"""
            <section class="card" aria-labelledby="clock">
            <h2 id="clock">Clock</h2>
            <p>The sandbox's time is <time datetime="{now:O}">{now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}</time> UTC{(clock.Offset == TimeSpan.Zero ? "." : $", {Encode(Offset(clock.Offset))} the machine's.")} Codes, tokens, dates and what appears late follow it; forward it rehearses codes and tokens that lapse, and a platform whose clock is wrong.</p>
            <form method="post" action="{RehearsalEndpoints.ClockPath}" aria-label="Clock">
            {Kept()}
            <div class="actions">
            <button class="btn btn-small" type="submit" name="move" value="300">+5 minutes</button>
            <button class="btn btn-small" type="submit" name="move" value="-300">−5 minutes</button>
            <button class="btn btn-small" type="submit" name="move" value="86400">+1 day</button>
            <button class="btn btn-small" type="submit" name="move" value="reset">Reset</button>
            </div>
            </form>
            </section>
            """;
    }

    private string Requests()
    {
        var newest = journal.Count == 0
            ? "<p>No requests yet.</p>"
            : $"""
                <ol class="requests">
                {string.Join('\n', journal.Reverse().Take(NewestRequests).Select(Request))}
                </ol>
                """;
        return $"""
            <section class="card" aria-labelledby="requests">
            <h2 id="requests">Newest requests</h2>
            <p class="actions-text"><a href="{Encode(RehearsalEndpoints.Path + scope.Query(null))}#requests">Show them anew</a> · {LiveLink()} · <a href="/sandbox/journal">Whole journal</a></p>
            {newest}
            </section>
            """;
    }

    private static string Request(JournalEntry entry)
    {
        var fault = entry.Fault is null ? string.Empty : $"""<p class="fault">{Encode(entry.Fault)}</p>""";
        return $"""
            <li>
            <p><time datetime="{entry.At:O}">{entry.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}</time> <code>{Encode(entry.Method)} {Encode(entry.Path + entry.Query)}</code></p>
            <p class="quiet">{JournalEndpoints.Outcome(entry)}, {entry.DurationMilliseconds} ms</p>
            {fault}
            </li>
            """;
    }

    private string LiveLink() => scope.IsLive
        ? $"""<a href="{Encode(RehearsalEndpoints.Path + (scope with { IsLive = false }).Query(null))}#requests">Stop refreshing</a>"""
        : $"""<a href="{Encode(RehearsalEndpoints.Path + (scope with { IsLive = true }).Query(null))}#requests">Refresh every 3 seconds</a>""";

    private string Live() => scope.IsLive ? Pages.Html.Hidden("live", "1") : string.Empty;

    private string Kept() => string.Concat(
        Pages.Html.Hidden("times", scope.Times),
        Pages.Html.Hidden("only", scope.Only),
        Live());

    private static string Jump(string id, string title) => $"""<li><a href="#{id}">{Encode(title)}</a></li>""";

    private static string Offset(TimeSpan offset)
    {
        var length = offset.Duration().ToString(offset.Duration().Days == 0 ? @"hh\:mm\:ss" : @"d' d 'hh\:mm\:ss", CultureInfo.InvariantCulture);
        return $"{length} {(offset > TimeSpan.Zero ? "ahead of" : "behind")}";
    }

    private static string Checked(bool isChecked) => isChecked ? " checked" : string.Empty;

    private static string Encode(string? text) => Pages.Html.Encode(text);
}
