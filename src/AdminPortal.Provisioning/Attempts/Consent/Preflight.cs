using System.Globalization;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>
/// Everything that can be tried before a person leaves for the provider. What does not depend on each other runs at
/// once, and what has not answered after <see cref="Limit"/> is said not to have been tried. It changes nothing.
/// </summary>
public sealed class Preflight(
    IElementsPlatform platform,
    ISecretBox secrets,
    ElementCatalog catalog,
    DraftCheck draftCheck,
    FieldCheck fieldCheck,
    INameLookup names,
    ICallbackProbe probe,
    PlatformProblems platformProblems,
    PortalAddresses addresses,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>The time within which every check has to have answered.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // What the portal sends for every element, whatever its fields.
    private static readonly string[] AlwaysSent = [PlatformConfiguration.ClientIdKey, PlatformConfiguration.ClientSecretKey, PlatformConfiguration.CallbackUrlKey];

    /// <summary>
    /// Whether the platform can be asked for the OAuth URL: whatever is wrong with the draft is what the platform has
    /// the last word on.
    /// </summary>
    internal bool MayAsk(AttemptParts parts) =>
        draftCheck.Check(parts).All(line => line.Level != CheckLevel.Failed || line.Key == DraftCheck.MissingKey);

    /// <summary>All lines, in their order.</summary>
    /// <param name="parts">What is checked.</param>
    /// <param name="context">What is known of the person's side.</param>
    /// <param name="progress">Is shown the lines that are there whenever there are more; it may be called by several threads, one after the other.</param>
    /// <param name="cancellationToken">Ends it; only this is thrown.</param>
    internal async Task<IReadOnlyList<CheckLine>> RunAsync(
        AttemptParts parts, PreflightContext context, Action<IReadOnlyList<CheckLine>>? progress, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var time = both.Token;

        var element = catalog.Find(parts.Attempt.ElementKey);
        var configuration = parts.Account is { } account && element is not null
            ? InTimeAsync(platform.GetElementConfigurationAsync(account, element.Key, time), cancellationToken)
            : Task.FromResult<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>?>(null);

        Task<IReadOnlyList<CheckLine>>[] groups =
        [
            CheckDraftAsync(parts, configuration),
            CheckNameAsync(parts, time, cancellationToken),
            Task.FromResult<IReadOnlyList<CheckLine>>(CheckValues(parts)),
            CheckCallbackAsync(time, cancellationToken),
            Task.FromResult<IReadOnlyList<CheckLine>>([.. CheckBrowser(context), .. CheckForwarded(context)]),
            CheckPlatformAsync(parts, element, configuration),
            CheckElementAsync(parts, element, time, cancellationToken),
            CheckTargetAsync(parts, time, cancellationToken),
        ];

        if (progress is not null) await ShowAsync(groups, progress).ConfigureAwait(false);
        return [.. (await Task.WhenAll(groups).ConfigureAwait(false)).SelectMany(lines => lines)];
    }

    private static async Task ShowAsync(Task<IReadOnlyList<CheckLine>>[] groups, Action<IReadOnlyList<CheckLine>> progress)
    {
        await foreach (var _ in Task.WhenEach(groups).ConfigureAwait(false))
            progress([.. groups.Where(group => group.IsCompletedSuccessfully).SelectMany(group => group.Result)]);
    }

    private async Task<IReadOnlyList<CheckLine>> CheckDraftAsync(AttemptParts parts, Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>?> configuration) =>
        draftCheck.Check(parts, (await configuration.ConfigureAwait(false) as PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success)?.Value);

    private async Task<IReadOnlyList<CheckLine>> CheckNameAsync(AttemptParts parts, CancellationToken time, CancellationToken cancellationToken)
    {
        // A server that is not one was said so by the fields' line.
        if (!AccountServer.TryParse(parts.Attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey), out var server, out _)) return [];
        var answer = await InTimeAsync(names.LookUpAsync(server.Host, time), NameAnswer.NoAnswer, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            NameAnswer.NotAsked => [],
            NameAnswer.Known => [Passed("Check.ServerName", "Check.ServerName.Passed", server.Host)],
            NameAnswer.Unknown => [Warning("Check.ServerName", "Check.ServerName.Unknown", WizardStep.Account, server.Host)],
            _ => [Warning("Check.ServerName", "Check.ServerName.NotTried", null, server.Host)],
        };
    }

    /// <summary>
    /// What pasting leaves behind, and whether the stored secrets open: after the consent it would be too late to find
    /// that out. What was entered in the portal's own forms was cleaned there, and the form said so; what came into the
    /// database another way was not.
    /// </summary>
    private List<CheckLine> CheckValues(AttemptParts parts)
    {
        var attempt = parts.Attempt;
        List<(string Label, string Value, bool IsKey, WizardStep Step)> values = [];
        List<CheckLine> unreadable = attempt.IsUnreadable() ? [Failed("Check.Fields", "Check.Fields.Unreadable", null)] : [];
        var origin = SecretOrigin.Find(parts.Account?.BaseUrl);
        if (parts.App is { } app)
        {
            values.Add((texts["App.ClientId"], app.ClientId, true, WizardStep.Provider));
            // An app that is not allowed for the account's origin has no copy to be opened; the draft's own line says so.
            if (origin is not null && app.CredentialsFor(origin) is { } credentials) Open(texts["App.ClientSecret"], credentials.ClientSecret, WizardStep.Provider);
        }

        var fields = catalog.Find(attempt.ElementKey)?.Fields ?? [];
        values.AddRange(fields.Where(field => !field.Secret && attempt.Configuration.ContainsKey(field.Key))
            .Select(field => (fieldCheck.Label(field), attempt.Configuration[field.Key], field.Format != FieldFormat.Text, WizardStep.Account)));
        foreach (var key in origin is null ? Enumerable.Empty<string>() : attempt.SealedConfiguration.Keys.Order(StringComparer.Ordinal))
        {
            if (fields.FirstOrDefault(field => field.Key == key) is { } field) Open(fieldCheck.Label(field), attempt.SealedConfigurationOf(key), WizardStep.Account);
            else if (key == SignatureKey.Key) Open(texts["Events.SignatureKey"], attempt.SealedConfigurationOf(key), WizardStep.Options);
        }

        if (!attempt.IsReauthentication)
        {
            values.Add((texts["Instance.Name"], attempt.Name, false, WizardStep.Options));
            values.AddRange(attempt.Tags.Select(tag => (texts["Tags.What"].Value, tag, false, WizardStep.Options)));
        }

        var odd = values.Where(value => value.IsKey ? PastedText.Clean(value.Value).Length != value.Value.Length : HasHiddenBlanks(value.Value)).ToList();
        var blanks = odd.Count == 0
            ? Passed("Check.Blanks", "Check.Blanks.Passed")
            : Warning("Check.Blanks", "Check.Blanks.Found", odd[0].Step, string.Join(", ", odd.Select(value => value.Label).Distinct(StringComparer.Ordinal)));
        return [blanks, .. unreadable];

        void Open(string label, Secret secret, WizardStep step)
        {
            try
            {
                values.Add((label, secrets.Open(secret, origin!), true, step));
            }
            catch (SecretUnreadableException)
            {
                unreadable.Add(Failed("Check.Secrets", "Check.Secrets.Unreadable", step, label));
            }
        }
    }

    // In names and tags a single blank between words is as it should be.
    private static bool HasHiddenBlanks(string value) =>
        value.Trim().Length != value.Length || value.Contains("  ", StringComparison.Ordinal)
        || value.Any(c => (c != ' ' && char.IsWhiteSpace(c)) || (char.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not ('\u200c' or '\u200d')));

    private async Task<IReadOnlyList<CheckLine>> CheckCallbackAsync(CancellationToken time, CancellationToken cancellationToken)
    {
        var answer = await InTimeAsync(probe.ProbeAsync(time), ProbeAnswer.NoAnswer, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            ProbeAnswer.Portal => [Passed("Check.Callback", "Check.Callback.Passed")],
            ProbeAnswer.SomethingElse => [Warning("Check.Callback", "Check.Callback.SomethingElse", null, addresses.PublicBaseUrl)],
            _ => [Warning("Check.Callback", "Check.Callback.NoAnswer", null, addresses.PublicBaseUrl)],
        };
    }

    /// <summary>
    /// The cookie that binds a browser to its attempt is set where the browser is, and looked for where the provider
    /// sends it back to. Cookies do not tell ports apart, so another port alone only may lead nowhere.
    /// </summary>
    private IEnumerable<CheckLine> CheckBrowser(PreflightContext context)
    {
        if (!Uri.TryCreate(context.BrowserAddress, UriKind.Absolute, out var browser)) yield break;
        var own = new Uri(addresses.PublicBaseUrl);
        var there = browser.GetLeftPart(UriPartial.Authority);
        if (browser.Scheme != own.Scheme || !string.Equals(browser.IdnHost, own.IdnHost, StringComparison.OrdinalIgnoreCase))
            yield return Failed("Check.Browser", CheckLine.OtherAddress, null, there, addresses.PublicBaseUrl);
        else if (browser.Port != own.Port)
            yield return Warning("Check.Browser", "Check.Browser.OtherPort", null, there, addresses.PublicBaseUrl);
        else
            yield return Passed("Check.Browser", "Check.Browser.Passed", addresses.PublicBaseUrl);
    }

    private IEnumerable<CheckLine> CheckForwarded(PreflightContext context)
    {
        if (context.Forwarded is not { } said) yield break;
        var own = new Uri(addresses.PublicBaseUrl);
        var sameScheme = said.Scheme is null || string.Equals(said.Scheme, own.Scheme, StringComparison.OrdinalIgnoreCase);
        var sameHost = said.Host is null || string.Equals(said.Host, own.Authority, StringComparison.OrdinalIgnoreCase)
            || string.Equals(said.Host, $"{own.IdnHost}:{own.Port}", StringComparison.OrdinalIgnoreCase);
        var words = string.Join(" ", new[] { said.Scheme, said.Host }.OfType<string>());
        yield return sameScheme && sameHost
            ? Passed("Check.Forwarded", "Check.Forwarded.Passed", words)
            : Warning("Check.Forwarded", "Check.Forwarded.Other", null, words, addresses.PublicBaseUrl);
    }

    private async Task<IReadOnlyList<CheckLine>> CheckPlatformAsync(
        AttemptParts parts, ElementDefinition? element, Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>?> asked)
    {
        if (parts.Account is not { } account || element is null) return [];
        return await asked.ConfigureAwait(false) switch
        {
            PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success success =>
            [
                Passed("Check.Platform", "Check.Platform.Passed", account.Name),
                CheckRequirements(parts.Attempt, element, success.Value),
            ],
            { } other => [new CheckLine(CheckLevel.Failed, texts["Check.Platform"], platformProblems.From(other).Message) { Key = "Check.Platform" }],
            null => [Warning("Check.Platform", "Check.Platform.Slow", null, account.Name, Limit.TotalSeconds)],
        };
    }

    // What the platform requires and the portal has a field for is the fields' line; here is what it has none for.
    private CheckLine CheckRequirements(ProvisioningAttempt attempt, ElementDefinition element, IReadOnlyList<PlatformConfigurationEntry> entries)
    {
        var events = element.Events is { } support && attempt.Events is { Enabled: true } chosen
            ? EventConfiguration.Write(support, chosen with { PollerConfiguration = "" }).Select(entry => entry.Key).Append(SignatureKey.Key).ToHashSet(StringComparer.Ordinal)
            : [];
        var missing = entries
            .Where(entry => entry is { Required: true, Internal: false, HasDefault: false } && !AlwaysSent.Contains(entry.Key) && element.Field(entry.Key) is null
                && !element.FixedConfiguration.ContainsKey(entry.Key) && !events.Contains(entry.Key))
            .Select(entry => entry.Key).ToList();
        return missing.Count == 0
            ? Passed("Check.Element", "Check.Element.Passed", element.Name)
            : Warning("Check.Element", "Check.Element.Missing", null, OutsideText.Clean(string.Join(", ", missing), 500) ?? "");
    }

    /// <summary>
    /// Whether the platform offers the element. One that is switched off or gone takes no new instance; what becomes of
    /// one that exists nobody says, so authorizing it again is only warned of.
    /// </summary>
    private async Task<IReadOnlyList<CheckLine>> CheckElementAsync(AttemptParts parts, ElementDefinition? element, CancellationToken time, CancellationToken cancellationToken)
    {
        if (parts.Account is not { } account || element is null) return [];
        var told = await InTimeAsync(platform.GetElementAsync(account, element.Key, time), cancellationToken).ConfigureAwait(false);
        return told switch
        {
            PlatformOutcome<PlatformElement>.Success { Value: { IsActive: false } or { IsDeleted: true } } => parts.Attempt.IsReauthentication
                ? [Warning("Check.Active", "Check.Active.OffForExisting", null, element.Name)]
                : [Failed("Check.Active", "Check.Active.Off", WizardStep.Element, element.Name)],
            PlatformOutcome<PlatformElement>.Success => [Passed("Check.Active", "Check.Active.Passed", element.Name)],
            PlatformOutcome<PlatformElement>.Refused { Status: 404 } => [Failed("Check.Active", "Check.Active.Unknown", WizardStep.Element, element.Name, account.Name)],
            // The platform's own line says what is wrong with it.
            _ => [Warning("Check.Active", "Check.Active.NotTried", null, element.Name)],
        };
    }

    private async Task<IReadOnlyList<CheckLine>> CheckTargetAsync(AttemptParts parts, CancellationToken time, CancellationToken cancellationToken)
    {
        if (parts is not { Account: { } account, Target: { } target }) return [];
        var told = await InTimeAsync(platform.GetAsync(account, target.PlatformId, time), cancellationToken).ConfigureAwait(false);
        return
        [
            told switch
            {
                PlatformOutcome<PlatformInstance>.Success { Value.IsDisabled: true } => Notice(target),
                PlatformOutcome<PlatformInstance>.Success => Passed("Check.Instance", "Check.Instance.Passed", target.Name),
                PlatformOutcome<PlatformInstance>.Refused { Status: 404 } => Failed("Check.Instance", "Check.Instance.Missing", null, target.Name),
                { } other => new CheckLine(CheckLevel.Failed, texts["Check.Instance"], platformProblems.From(other).Message) { Key = "Check.Instance" },
                null => Warning("Check.Instance", "Check.Instance.NotTried", null, target.Name),
            },
        ];

        CheckLine Notice(ElementInstance instance) => Warning("Check.Instance", "Check.Instance.Disabled", null, instance.Name);
    }

    private CheckLine Passed(string title, string key, params object[] arguments) => Line(CheckLevel.Passed, title, key, null, arguments);

    private CheckLine Warning(string title, string key, WizardStep? step, params object[] arguments) => Line(CheckLevel.Warning, title, key, step, arguments);

    private CheckLine Failed(string title, string key, WizardStep? step, params object[] arguments) => Line(CheckLevel.Failed, title, key, step, arguments);

    private CheckLine Line(CheckLevel level, string title, string key, WizardStep? step, object[] arguments) =>
        new(level, texts[title], texts[key, arguments], step) { Key = key };

    // Null, or the other answer, for what our own limit has ended; the caller's cancellation is thrown.
    private static async Task<T?> InTimeAsync<T>(Task<T> answer, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<T> InTimeAsync<T>(Task<T> answer, T otherwise, CancellationToken cancellationToken)
        where T : struct
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return otherwise;
        }
    }
}
