using Microsoft.AspNetCore.Components;
using Radzen;

namespace AdminPortal.Ui;

/// <summary>Opens dialogs in the portal's manner: a click beside one does not close it, and the focus is moved by portal.js at once.</summary>
internal static class PortalDialogs
{
    /// <summary>Opens a dialog and waits until it is closed.</summary>
    /// <param name="dialogs">Where it opens.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="parameters">The component's parameters.</param>
    /// <param name="canClose">Says whether it may be closed now; always, where there is none.</param>
    /// <typeparam name="T">The component within it.</typeparam>
    /// <returns>What it was closed with; null for Escape and the cross.</returns>
    public static async Task<object?> ShowAsync<T>(this DialogService dialogs, string title, Dictionary<string, object?>? parameters = null, Func<Task<bool>>? canClose = null)
        where T : ComponentBase =>
        await dialogs.OpenAsync<T>(
            title, parameters, new DialogOptions { Width = "560px", CloseDialogOnOverlayClick = false, AutoFocusFirstElement = false, CanClose = canClose });
}
