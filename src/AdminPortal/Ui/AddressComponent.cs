using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace AdminPortal.Ui;

/// <summary>A page whose state is in its address: read at the start, and after each navigation that stays on the page.</summary>
public abstract class AddressComponent : LiveComponent
{
    private string? _path;

    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>Reads the address and loads what it asks for. It is also called if nothing has changed.</summary>
    protected abstract Task FollowAddressAsync();

    /// <inheritdoc />
    protected override Task OnInitializedAsync()
    {
        _path = PathOf(Navigation.Uri);
        Navigation.LocationChanged += OnLocationChanged;
        return FollowAddressAsync();
    }

    /// <inheritdoc />
    protected override ValueTask LeaveAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        return base.LeaveAsync();
    }

    private static string PathOf(string address) => new Uri(address).AbsolutePath;

    // The page is left by an address too.
    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (PathOf(change.Location) == _path) _ = InvokeAsync(FollowAsync);
    }

    private async Task FollowAsync()
    {
        try
        {
            var following = FollowAddressAsync();
            StateHasChanged();
            await following;
            StateHasChanged();
        }
#pragma warning disable CA1031 // Nothing awaits this: the page's error boundary shows it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await DispatchExceptionAsync(exception);
        }
    }
}
