using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Reveals;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Attempts;

/// <summary>One attempt after it has left the wizard: where it is, what happened, what next. It follows the attempt live.</summary>
public sealed partial class AttemptPage
{
    /// <summary>The query of an attempt's page after a departure was refused: the account no longer allows the sign-in host.</summary>
    internal const string HostRemovedQuery = "refused=sign-in-host";

    private AttemptView? _attempt;
    private IReadOnlyList<Problem> _problems = [];
    private Guid _followed;
    private string? _copied;
    private string? _problemTitle;
    private bool _missing;
    private bool _enabled;
    private bool _busy;

    [Inject]
    public required AttemptService Attempts { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required ConsentService Consents { get; set; }

    [Inject]
    public required OrphanService OrphanedInstances { get; set; }

    [Inject]
    public required UnansweredAttempts Unanswered { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IStringLocalizer<RevealsText> Reveals { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [SupplyParameterFromQuery]
    private string? Refused { get; set; }

    [Parameter]
    public Guid AttemptId { get; set; }

    /// <summary>Set by the callback when this answer had been there before.</summary>
    [SupplyParameterFromQuery(Name = "again")]
    private string? AgainMark { get; set; }

    private bool Again => AgainMark is not null;

    /// <summary>The texts that differ between creating an instance and authorizing one anew; both files have the same names.</summary>
    private IStringLocalizer Words => _attempt is { IsReauthentication: true } ? R : L;

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_followed != AttemptId)
        {
            _followed = AttemptId;
            Follow(new LiveSource(LookAsync)
            {
                Subscribe = changed => Feed.Subscribe(ChangeTopic.Attempts, AttemptId, changed),
                LooksAtOnce = true,
                DrawsEverySecond = true,
                ExpectsChange = () => _attempt is not { IsSettled: true },
            });
        }

        await LookAsync();
    }

    private async Task LookAsync()
    {
        if (Left.IsCancellationRequested) return;
        _attempt = await Attempts.FindAsync(AttemptId, CancellationToken.None);
        _missing = _attempt is null;
        if (_attempt is { State: AttemptState.Draft } draft) Navigation.NavigateTo(WizardAddress.Of(draft.Id, draft.Step), replace: true);
        StateHasChanged();
    }

    private string Heading(AttemptView attempt) => attempt switch
    {
        { State: AttemptState.AwaitingConsent } => L["Awaiting.Title"],
        { State: AttemptState.CodeReceived or AttemptState.Provisioning } => Words["Creating.Title"],
        { State: AttemptState.AwaitingDecision, ConsentedServer: null } => L["Decision.Unnamed.Title"],
        { State: AttemptState.AwaitingDecision } => L["Decision.Title"],
        { State: AttemptState.Active } => Again ? L["Again.Title"] : Words["Created.Title"],
        { State: AttemptState.Ambiguous } => L["Ambiguous.Title"],
        { State: AttemptState.Expired } => L["Expired.Title"],
        { Ending.Reason: EndingReason.OtherAccount, ExpectedServer: not null, ConsentedServer: null } => Words["Ended.OtherAccount.Unnamed.Title"],
        { Ending.Reason: var reason } => attempt.IsReauthentication ? R[$"Ended.{reason}.Title"] : L[$"Ended.{reason}.Title"],
        _ => attempt.Title,
    };

    private string Ended(EndingReason reason) =>
        reason == EndingReason.OtherAccount && _attempt is { ExpectedServer: not null, ConsentedServer: null } ? Words["Ended.OtherAccount.Unnamed"]
        : _attempt is { IsReauthentication: true } ? R[$"Ended.{reason}"] : L[$"Ended.{reason}"];

    /// <summary>What happened to the request, where nobody else has said it: the ending then holds the name of it. Null where it holds somebody's words.</summary>
    private string? OwnWords(AttemptEnding ending) => ending.Message switch
    {
        { } name when ending.Reason == EndingReason.Unreachable && Enum.GetNames<UnsentReason>().Contains(name) => P[$"Unsent.{name}"].Value,
        { } name when Enum.GetNames<UnclearReason>().Contains(name) => L[$"Unclear.{name}"].Value,
        _ => null,
    };

    /// <summary>What the look at what was created has found so far; null where there is nothing to say.</summary>
    private (string Mark, Tone Tone, string Text)? Verification
    {
        get
        {
            if (_attempt is not { State: AttemptState.Active, InstanceId: not null } attempt) return null;
            if (attempt.VerifiedAt is null) return attempt.NextAt is null ? null : ("spinner", Tone.Info, Words["Verified.Checking"]);
            // One of an older portal was not looked at.
            if (attempt.History.LastOrDefault(entry => entry.Event == AttemptEvent.Verified) is not { } verified) return null;
            return Enum.TryParse<CheckOutcome>(verified.Detail, out var outcome) && outcome != CheckOutcome.Alive
                ? ("warning", Tone.Warning, attempt.IsReauthentication ? R[$"Verified.{outcome}"] : L[$"Verified.{outcome}"])
                : ("check-circle", Tone.Good, Words["Verified.Alive"]);
        }
    }

    private string? LateNote(AttemptView attempt) =>
        attempt.History.Any(entry => entry.Event == AttemptEvent.FoundLate) ? L["Late.Found"].Value
        : attempt.History.Any(entry => entry.Event == AttemptEvent.AnsweredLate) ? L["Late.Answered"].Value
        : null;

    private bool IsLooking(AttemptView attempt) => attempt.NextAt is null || attempt.NextAt <= Clock.GetUtcNow();

    private static bool IsLapsed(AttemptView attempt) => attempt.History is [.., { Event: AttemptEvent.CodeLapsed }];

    private static bool IsDecidedByPerson(AttemptView attempt) =>
        attempt is { Ending.Reason: EndingReason.NothingCreated or EndingReason.NothingChanged, History: [.., { Event: AttemptEvent.ProvedAbsent, Detail: { } detail }] }
        && !Enum.TryParse<EndingReason>(detail.Split(',')[0], out _);

    // Trying again would lead nowhere.
    private static bool IsTargetGone(AttemptView attempt) => attempt is { IsReauthentication: true, InstanceState: null } or { Ending.Reason: EndingReason.TargetGone };

    private string Countdown(DateTimeOffset? until)
    {
        var left = (until ?? Clock.GetUtcNow()) - Clock.GetUtcNow();
        if (left <= TimeSpan.Zero) return L["Countdown.Now"];
        return left < TimeSpan.FromMinutes(1) ? L["Countdown.Seconds", (int)Math.Ceiling(left.TotalSeconds)] : L["Countdown.Minutes", (int)Math.Ceiling(left.TotalMinutes)];
    }

    private void LeaveAgain() => Navigation.NavigateTo($"/connect/{AttemptId}/go", forceLoad: true);

    private async Task CopyTokenAsync(Guid instanceId) =>
        _copied = await RevealDialog.AskAsync(Dialogs, Reveals, instanceId, null) switch
        {
            RevealOutcome.Given => L["Created.Copied"],
            RevealOutcome.Asked => L["Created.Asked"],
            _ => "",
        };

    private async Task EnableAsync()
    {
        if (_busy || _attempt?.InstanceId is not { } instanceId) return;
        _busy = true;
        var result = await Instances.SetEnabledAsync(instanceId, true, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        _enabled = result.Succeeded;
        _problemTitle = R["Created.EnableFailed"];
        _problems = result.Problems;
        await LookAsync();
        // The button that was pressed is gone with the state it belonged to.
        if (_enabled) await Js.InvokeVoidAsync("portal.focus", "h1");
    }

    private Task TryAgainAsync() => RunAsync(() => BeginAgainAsync(WizardStep.Review));

    // Ends what was not wanted; the new attempt has everything that was entered.
    private Task SignInAgainAsync(WizardStep step) => RunAsync(async () =>
    {
        // Whoever decided otherwise before is not overruled: then the attempt has not ended, and that is said.
        await Consents.DecideAsync(AttemptId, accept: false, await SignedIn.ActorAsync(), CancellationToken.None);
        await BeginAgainAsync(step);
    });

    private Task AcceptAsync() => RunAsync(async () =>
    {
        var counted = await Consents.DecideAsync(AttemptId, accept: true, await SignedIn.ActorAsync(), CancellationToken.None);
        _problems = counted.Problems;
        if (counted is { Succeeded: true, Value: false }) _problems = [new Problem(ProblemKind.NotNow, L["Decision.TooLate"])];
        await LookAsync();
        // The button that was pressed is gone with the state it belonged to.
        await Js.InvokeVoidAsync("portal.focus", "h1");
    });

    private async Task BeginAgainAsync(WizardStep step)
    {
        var again = await Drafts.TryAgainAsync(AttemptId, await SignedIn.ActorAsync(), CancellationToken.None);
        _problems = again.Problems;
        if (again.Succeeded) Navigation.NavigateTo(WizardAddress.Of(again.Value, step));
        else await LookAsync();
    }

    private async Task EndAsAbsentAsync()
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Absent.End"], [Words["Absent.Sure"], Words["Absent.Then"]], L["Absent.End"], danger: true)) return;
        await RunAsync(async () =>
        {
            _problems = (await Unanswered.ConcludeAbsentAsync(AttemptId, await SignedIn.ActorAsync(), CancellationToken.None)).Problems;
            await LookAsync();
            await Js.InvokeVoidAsync("portal.focus", "h1");
        });
    }

    private async Task<Result<Done>> RemoveOrphanAsync(Guid id) => await OrphanedInstances.RemoveAsync(id, await SignedIn.ActorAsync(), CancellationToken.None);

    private async Task OrphanRemovedAsync()
    {
        await LookAsync();
        await Js.InvokeVoidAsync("portal.focus", "h1");
    }

    private async Task RunAsync(Func<Task> action)
    {
        if (_busy) return;
        _busy = true;
        _problemTitle = null;
        _problems = [];
        try
        {
            await action();
        }
        finally
        {
            _busy = false;
        }
    }
}
