using AdminPortal.Access;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Providers;

/// <summary>The API provider setup: the callback URL, the guide, what each element needs, and the stored provider apps.</summary>
public sealed partial class ProviderApps : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private IReadOnlyList<ProviderAppSummary>? _apps;
    private string? _done;

    [Inject]
    public required ProviderAppService Apps { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        // The form says by way of the history which app it has saved; a reload of this page does not repeat it.
        if (Navigation.HistoryEntryState is { Length: > 0 } saved) _done = L["Saved", saved];
        _apps = await Apps.ListAsync(_leaving.Token);
    }

    private async Task RemoveAsync(ProviderAppSummary app)
    {
        var gone = await RemoveDialog.AskAsync(
            Dialogs, L["Remove.Title", app.Name], app.Instances == 0 ? L["Remove.Text"] : L["Remove.TextUsed"], () => Confirmation.RunAsync(async () => await Apps.DeleteAsync(app.Id, await SignedIn.ActorAsync(), CancellationToken.None)));
        if (!gone) return;
        _done = L["Removed", app.Name];
        _apps = await Apps.ListAsync(_leaving.Token);
        await Js.InvokeVoidAsync("portal.focus", "h1"); // What had the focus is gone.
    }
}
