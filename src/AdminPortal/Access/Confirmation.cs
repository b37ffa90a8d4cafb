using AdminPortal.Domain;
using AdminPortal.Ui;
using Microsoft.Extensions.Localization;
using Radzen;

namespace AdminPortal.Access;

/// <summary>Lets a person do what is dangerous: asks for the proof of who it is where a service wants it, and then does it again.</summary>
public sealed class Confirmation(DialogService dialogs, IStringLocalizer<ConfirmationText> texts)
{
    /// <summary>Calls a service, and once more after the person has confirmed who they are.</summary>
    /// <returns>What it came to; <see cref="ProblemKind.ConfirmationNeeded"/> where the person did not confirm.</returns>
    public async Task<Result<T>> RunAsync<T>(Func<Task<Result<T>>> call)
    {
        var result = await call();
        if (result.Succeeded || result.Problems[0].Kind != ProblemKind.ConfirmationNeeded) return result;
        return await dialogs.ShowAsync<ConfirmationDialog>(texts["Title"]) is true ? await call() : result;
    }
}
