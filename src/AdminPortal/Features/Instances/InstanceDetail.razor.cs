using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>One instance: how it is, what can be changed of it, and how it ends.</summary>
public sealed partial class InstanceDetail : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private FormValidator<InstanceEdit>? _validator;
    private InstanceView? _instance;
    private InstanceEdit _edit = new();
    private IReadOnlyList<Problem> _problems = [];
    private IReadOnlyList<Problem> _saveProblems = [];
    private string? _problemTitle;
    private string? _switched;
    private bool _saved;
    private bool _loading;
    private bool _asking;
    private Call _running;

    /// <summary>The call to the platform that is under way: one at a time.</summary>
    private enum Call
    {
        None,
        Save,
        Switch,
        Delete,
    }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<InstanceDetail> Logger { get; set; }

    private string ApiBaseUrl => $"{_instance!.AccountBaseUrl}/elements/api-v2";

    private string CurlExample =>
        $"""
         curl '{ApiBaseUrl}/ping' \
           -H 'Authorization: User <{L["Next.UserSecret"]}>, Organization <{L["Next.OrganizationSecret"]}>, Element <{L["Next.Token"]}>' \
           -H 'Accept: application/json'
         """;

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_instance?.Id == Id) return;
        _instance = null;
        _switched = null;
        _saved = false;
        _saveProblems = [];
        await LoadAsync();
    }

    private static InstanceEdit EditOf(InstanceView instance) => new() { Name = instance.Name, Tags = instance.Tags };

    private async Task LoadAsync()
    {
        _loading = true;
        await ReadAsync();
        _loading = false;
        if (_instance is not null) _edit = EditOf(_instance);
    }

    /// <summary>Reads how the instance stands now; what is typed in the form stays.</summary>
    private async Task ReadAsync()
    {
        try
        {
            _instance = await Instances.FindAsync(Id, _gone.Token);
            _problems = [];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !_gone.IsCancellationRequested)
        {
            InstancesLog.ReadFailed(Logger, exception, Id);
            _problemTitle = L["Detail.Failed.Title"];
            _problems = [new Problem(ProblemKind.Unknown, L["List.Failed.Text"])];
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task SaveAsync()
    {
        if (_running != Call.None) return;
        _saved = false;
        _saveProblems = [];
        _switched = null;
        var sent = new InstanceEdit { Name = _edit.Name, Tags = _edit.Tags };
        var actor = await SignedIn.ActorAsync();
        var result = await RunAsync(Call.Save, () => Instances.EditAsync(Id, sent, actor, CancellationToken.None));
        if (_instance is null) return;
        if (!result.Succeeded)
        {
            _saveProblems = _validator!.Show(result.Problems);
            return;
        }

        _saved = true;
        // The platform has the last word on what the name is; but what was typed meanwhile is not thrown away.
        if (_edit.Name == sent.Name && _edit.Tags.SequenceEqual(sent.Tags)) _edit = EditOf(_instance);
    }

    private async Task FocusInvalidAsync()
    {
        _saved = false;
        _saveProblems = [];
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }

    private async Task DisableAsync()
    {
        if (_running != Call.None || _asking) return;
        _asking = true;
        var agreed = await ConfirmDialog.AskAsync(
            Dialogs, L["Disable.Title", _instance!.Name], [L["Disable.Ends"], L["Disable.Back"]], L["Disable"]);
        _asking = false;
        if (agreed) await SwitchAsync(false);
    }

    private async Task SwitchAsync(bool enabled)
    {
        if (_running != Call.None) return;
        _switched = null;
        _saved = false;
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
        if (_running != Call.None || _asking) return;
        _asking = true;
        await Dialogs.OpenAsync<DeleteDialog>(
            L["Delete.Title"],
            new Dictionary<string, object?>
            {
                [nameof(DeleteDialog.InstanceName)] = _instance!.Name,
                [nameof(DeleteDialog.IsMissing)] = _instance.State == InstanceState.MissingOnPlatform,
                [nameof(DeleteDialog.Delete)] = (Func<string, Task<Result<Done>>>)DeleteAsync,
            },
            new DialogOptions { Width = "560px", CloseDialogOnOverlayClick = false, CanClose = () => Task.FromResult(_running != Call.Delete) });
        _asking = false;
    }

    private async Task<Result<Done>> DeleteAsync(string typedName)
    {
        if (_running != Call.None) return new Problem(ProblemKind.NotNow, L["Delete.UnderWay"]);
        _running = Call.Delete;
        StateHasChanged();
        try
        {
            var result = await Instances.DeleteAsync(Id, typedName, await SignedIn.ActorAsync(), CancellationToken.None);
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

    /// <summary>Makes a call, and reads afterwards how the instance stands: a refusal can change that too.</summary>
    private async Task<Result<Done>> RunAsync(Call call, Func<Task<Result<Done>>> run)
    {
        _running = call;
        try
        {
            var result = await run();
            await ReadAsync();
            return result;
        }
        finally
        {
            _running = Call.None;
        }
    }
}
