using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>
/// What all pages of an instance share: its name and state, what is wrong with it, what can be done with it, and the way
/// to its other pages. It is cascaded to the page, which makes its own calls through <see cref="ChangeAsync"/>: one call
/// at a time, and afterwards the instance is read again.
/// </summary>
public sealed partial class InstanceFrame
{
    private InstanceView? _instance;
    private int _orphans;
    private InstanceCheck? _check;
    private IReadOnlyList<Problem> _problems = [];
    private string? _problemTitle;
    private string? _switched;
    private bool _loading;
    private bool _asking;
    private Call _running;

    /// <summary>The call to the platform that is under way.</summary>
    private enum Call
    {
        None,
        Page,
        Check,
        Switch,
        Delete,
    }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The instance.</summary>
    [Parameter, EditorRequired]
    public required Guid Id { get; set; }

    /// <summary>The page that is shown.</summary>
    [Parameter, EditorRequired]
    public required InstanceTab Tab { get; set; }

    /// <summary>The page: rendered once the instance is read, and again after each change.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment<InstanceView> ChildContent { get; set; }

    [Inject]
    public required OrphanService OrphanedInstances { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required InstanceChecker Checker { get; set; }

    [Inject]
    public required ElementCatalog Catalog { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<InstanceFrame> Logger { get; set; }

    /// <summary>Whether a call is under way, the page's own or one of the frame's: the page's buttons rest meanwhile.</summary>
    public bool IsBusy => _running != Call.None;

    /// <summary>Whether the page's own call is under way.</summary>
    public bool IsPageBusy => _running == Call.Page;

    /// <summary>The instance as it was read last: newer than the page's own where that is not rendered yet.</summary>
    public InstanceView? Current => _instance;

    private string Reason => (_instance!.Attention ?? AttentionReason.NotValid).ToString();

    private bool IsOffByPlatform => _instance is { State: InstanceState.NeedsAttention, Attention: AttentionReason.DisabledByPlatform };

    /// <summary>Whether the banner asks to look again: what was refused is not mended by a new consent.</summary>
    private bool OffersValidation => _instance is { State: InstanceState.NeedsAttention, Attention: AttentionReason.Refused };

    private bool OffersReauthentication => _instance!.State == InstanceState.NeedsAttention && !OffersValidation;

    private IEnumerable<InstanceTab> Tabs =>
        Enum.GetValues<InstanceTab>().Where(tab => tab != InstanceTab.Events || Catalog.Find(_instance!.ElementKey)?.Events is not null);

    private string? DocumentTitle => Tab == InstanceTab.Overview ? null : $"{D[$"Tab.{Tab}"]} · {_instance!.Name}";

    /// <summary>Makes a change of the page's, as the signed-in person, and reads afterwards how the instance stands: a refusal can change that too.</summary>
    /// <returns>What the change came to; a problem where another call is under way.</returns>
    public async Task<Result<T>> ChangeAsync<T>(Func<Actor, Task<Result<T>>> change)
    {
        if (IsBusy) return new Problem(ProblemKind.NotNow, D["UnderWay"]);
        Forget();
        var actor = await SignedIn.ActorAsync();
        return await RunAsync(Call.Page, () => change(actor));
    }

    /// <summary>Reads the instance again, after something has changed it without <see cref="ChangeAsync"/>.</summary>
    public async Task ReloadAsync()
    {
        await ReadAsync();
        StateHasChanged();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_instance?.Id == Id) return;
        _instance = null;
        Forget();
        await LoadAsync();
    }

    private static Tone CheckTone(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Alive => Tone.Good,
        CheckOutcome.Disabled => Tone.Info,
        CheckOutcome.Missing => Tone.Bad,
        _ => Tone.Warning,
    };

    /// <summary>Whether another call than this one is under way.</summary>
    private bool IsOccupied(Call call) => IsBusy && _running != call;

    private void Forget()
    {
        _switched = null;
        _check = null;
        _problems = [];
    }

    private async Task LoadAsync()
    {
        _loading = true;
        await ReadAsync();
        _loading = false;
    }

    private async Task ReadAsync()
    {
        try
        {
            _instance = await Instances.FindAsync(Id, Left);
            _orphans = _instance?.AttemptId is { } attemptId ? await OrphanedInstances.CountOpenAsync(attemptId, Left) : 0;
            _problems = [];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !Left.IsCancellationRequested)
        {
            InstancesLog.ReadFailed(Logger, exception, Id);
            _problemTitle = L["Detail.Failed.Title"];
            _problems = [new Problem(ProblemKind.Unknown, L["List.Failed.Text"])];
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ValidateAsync()
    {
        if (IsBusy) return;
        Forget();
        var actor = await SignedIn.ActorAsync();
        var result = await RunAsync(Call.Check, () => Checker.CheckAsync(Id, actor, CancellationToken.None));
        if (_instance is null) return;
        if (result.Succeeded)
        {
            _check = result.Value;
        }
        else
        {
            _problemTitle = D["Validate.Failed"];
            _problems = result.Problems;
        }
    }

    private async Task DisableAsync()
    {
        if (IsBusy || _asking) return;
        _asking = true;
        var agreed = await ConfirmDialog.AskAsync(
            Dialogs, L["Disable.Title", _instance!.Name], [L["Disable.Ends"], L["Disable.Back"]], L["Disable"]);
        _asking = false;
        if (agreed) await SwitchAsync(false);
    }

    private async Task SwitchAsync(bool enabled)
    {
        if (IsBusy) return;
        Forget();
        var actor = await SignedIn.ActorAsync();
        var result = await RunAsync(Call.Switch, () => Instances.SetEnabledAsync(Id, enabled, actor, CancellationToken.None));
        if (_instance is null) return;
        if (result.Succeeded)
        {
            _switched = L[enabled ? "Enable.Done" : "Disable.Done"];
            // The button that was pressed is gone with the state it belonged to.
            await Js.InvokeVoidAsync("portal.focus", "h1");
        }
        else
        {
            _problemTitle = L[enabled ? "Enable.Failed" : "Disable.Failed"];
            _problems = result.Problems;
        }
    }

    private async Task AskToDeleteAsync()
    {
        if (IsBusy || _asking) return;
        _asking = true;
        await Dialogs.ShowAsync<DeleteDialog>(
            L["Delete.Title"],
            new()
            {
                [nameof(DeleteDialog.InstanceName)] = _instance!.Name,
                [nameof(DeleteDialog.IsMissing)] = _instance.State == InstanceState.MissingOnPlatform,
                [nameof(DeleteDialog.Delete)] = (Func<string, Task<Result<Done>>>)DeleteAsync,
            },
            canClose: () => Task.FromResult(_running != Call.Delete));
        _asking = false;
    }

    private async Task<Result<Done>> DeleteAsync(string typedName)
    {
        if (IsBusy) return new Problem(ProblemKind.NotNow, L["Delete.UnderWay"]);
        _running = Call.Delete;
        StateHasChanged();
        try
        {
            var result = await Confirmation.RunAsync(async () => await Instances.DeleteAsync(Id, typedName, await SignedIn.ActorAsync(), CancellationToken.None));
            // Leaving closes the dialog as well.
            if (result.Succeeded) Navigation.NavigateTo($"{InstanceListAddress.Path}?deleted=1", replace: true);
            return result;
        }
        finally
        {
            _running = Call.None;
            StateHasChanged();
        }
    }

    private async Task<Result<T>> RunAsync<T>(Call call, Func<Task<Result<T>>> run)
    {
        _running = call;
        StateHasChanged();
        try
        {
            var result = await run();
            await ReadAsync();
            return result;
        }
        finally
        {
            _running = Call.None;
            StateHasChanged();
        }
    }
}
