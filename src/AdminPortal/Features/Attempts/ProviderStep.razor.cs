using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Attempts;

/// <summary>The second step: the provider app, stored or new, beside the guide that explains where it comes from.</summary>
public sealed partial class ProviderStep
{
    private const int ShownClientIdLength = 8;

    private EditContext? _context;
    private FormValidator<ProviderAppInput>? _validator;
    private IReadOnlyList<ProviderAppSummary>? _apps;
    private IReadOnlyList<Problem> _problems = [];
    private Guid? _chosen;
    private bool _busy;
    private bool _mayAdd;

    [Inject]
    public required PortalAddresses Addresses { get; set; }

    [Inject]
    public required ProviderAppService Apps { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    /// <summary>What is typed for a new app.</summary>
    [Parameter, EditorRequired]
    public required ProviderAppInput NewApp { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        // The field of the secret starts empty, so the model does too.
        NewApp.ClientSecret = "";
        _context = new EditContext(NewApp);
        _mayAdd = Permissions.Allows(await SignedIn.ActorAsync(), Operation.ManageProviderApps);
        _apps = await Apps.ListAsync(CancellationToken.None);
        _chosen = Attempt.ProviderAppId ?? (NewApp.ClientId.Length == 0 && _apps.Count == 1 ? _apps[0].Id : null);
    }

    private async Task ContinueAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            if (_chosen is null && !await SaveNewAppAsync()) return;
            var saved = await Drafts.SaveProviderAsync(Attempt.Id, new ProviderChoice { ProviderAppId = _chosen }, await SignedIn.ActorAsync(), CancellationToken.None);
            _problems = saved.Problems;
            if (saved.Succeeded) Navigation.NavigateTo(WizardAddress.Of(Attempt.Id, WizardFlow.Next(Attempt.Element, WizardStep.Provider, Attempt.IsReauthentication)));
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task ReadAppsAsync() => _apps = await Apps.ListAsync(CancellationToken.None);

    private async Task<bool> SaveNewAppAsync()
    {
        if (!_context!.Validate())
        {
            await Js.InvokeVoidAsync("portal.focusInvalid");
            return false;
        }

        var input = new ProviderAppInput { Name = NewApp.Name, ClientId = NewApp.ClientId, ClientSecret = NewApp.ClientSecret, AllowedFor = Attempt.AccountBaseUrl is { } baseUrl ? [baseUrl] : [] };
        if (string.IsNullOrWhiteSpace(input.Name)) input.Name = FreeName(input.ClientId);
        var saved = await Apps.SaveAsync(input, await SignedIn.ActorAsync(), CancellationToken.None);
        if (!saved.Succeeded)
        {
            _problems = _validator!.Show(saved.Problems);
            return false;
        }

        _chosen = saved.Value;
        (NewApp.Name, NewApp.ClientId, NewApp.ClientSecret) = ("", "", "");
        return true;
    }

    private string FreeName(string clientId)
    {
        var name = L["Provider.DefaultName", clientId.Length <= ShownClientIdLength ? clientId : clientId[..ShownClientIdLength] + "…"].Value;
        var taken = _apps!.Select(app => app.Name).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, taken.Count + 1).Select(number => number == 1 ? name : $"{name} ({number})").First(candidate => !taken.Contains(candidate));
    }

    private async Task Back()
    {
        if (_chosen is not null) await Drafts.SaveProviderAsync(Attempt.Id, new ProviderChoice { ProviderAppId = _chosen }, await SignedIn.ActorAsync(), CancellationToken.None);
        // Of an instance that exists this is the first step.
        Navigation.NavigateTo(Attempt.TargetInstanceId is { } target
            ? $"/instances/{target}"
            : WizardAddress.Of(Attempt.Id, WizardFlow.Previous(Attempt.Element, WizardStep.Provider)));
    }
}
