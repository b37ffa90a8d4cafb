using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.LegacyKeys;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.LegacyKeys;

/// <summary>The guided move of one instance: connect the account anew, check what came of it, disable the old one.</summary>
public sealed partial class MovePage
{
    private LegacyMove? _move;
    private IReadOnlyList<Problem> _startProblems = [];
    private IReadOnlyList<Problem> _finishProblems = [];
    private bool _loading = true;
    private bool _starting;
    private bool _asking;
    private bool _finishing;

    [Inject]
    public required LegacyKeyService LegacyKeys { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid Id { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_move?.InstanceId == Id) return;
        _loading = true;
        _startProblems = [];
        _finishProblems = [];
        _move = await LegacyKeys.FindAsync(Id, CancellationToken.None);
        _loading = false;
    }

    private async Task StartAsync()
    {
        if (_starting) return;
        _starting = true;
        try
        {
            var started = await LegacyKeys.StartAsync(Id, await SignedIn.ActorAsync(), CancellationToken.None);
            _startProblems = started.Problems;
            if (started.Succeeded) Navigation.NavigateTo($"/connect/{started.Value}");
        }
        finally
        {
            _starting = false;
        }
    }

    private async Task FinishAsync()
    {
        if (_finishing || _asking) return;
        _asking = true;
        var agreed = await ConfirmDialog.AskAsync(Dialogs, L["Ask.Title", _move!.Name], [L["Ask.Ends"], L["Ask.Back"]], L["Ask.Confirm"]);
        _asking = false;
        if (!agreed) return;

        _finishing = true;
        try
        {
            var finished = await LegacyKeys.FinishAsync(Id, await SignedIn.ActorAsync(), CancellationToken.None);
            _finishProblems = finished.Problems;
            _move = await LegacyKeys.FindAsync(Id, CancellationToken.None);
        }
        finally
        {
            _finishing = false;
        }

        // The button that was pressed may be gone with the state it belonged to.
        if (_finishProblems.Count == 0) await Js.InvokeVoidAsync("portal.focus", "#step-2");
    }
}
