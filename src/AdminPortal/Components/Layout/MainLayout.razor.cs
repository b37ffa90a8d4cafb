using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace AdminPortal.Components.Layout;

/// <summary>The frame of every page for people who are signed in: bar, navigation, page.</summary>
public sealed partial class MainLayout
{
    private ErrorBoundary? _errorBoundary;
    private string? _person;

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    private string SkipTarget => Navigation.Uri.Split('#')[0] + "#main";

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        _errorBoundary?.Recover();
        _person = SignedIn is not null && (await SignedIn).User.Identity is { IsAuthenticated: true } identity ? identity.Name ?? "" : null;
    }

    private async Task SkipAsync() => await Js.InvokeVoidAsync("portal.focus", "#main");

    private void TryAgain() => _errorBoundary?.Recover();

    private void ReloadPage() => Navigation.Refresh(forceReload: true);
}
