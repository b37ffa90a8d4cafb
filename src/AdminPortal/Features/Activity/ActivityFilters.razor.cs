using System.Globalization;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Activity;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Activity;

/// <summary>What the record is narrowed down to.</summary>
public sealed partial class ActivityFilters
{
    private const string DayForm = "yyyy-MM-dd";

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Parameter, EditorRequired]
    public required ActivityQuery Query { get; set; }

    [Parameter, EditorRequired]
    public required ActivityChoices Choices { get; set; }

    private IEnumerable<(ActivityAction Action, string Words)> Actions =>
        Enum.GetValues<ActivityAction>().Select(action => (action, L[$"Activity.{action}"].Value)).OrderBy(pair => pair.Value, StringComparer.CurrentCulture);

    private string Object => Query switch
    {
        { InstanceId: { } id } => $"instance:{id}",
        { AttemptId: { } id } => $"attempt:{id}",
        { JobId: { } id } => $"job:{id}",
        { ProviderAppId: { } id } => $"app:{id}",
        { PlatformAccountId: { } id } => $"account:{id}",
        _ => "",
    };

    // What the list does not offer by name, and stands in the address all the same.
    private string? Other => Query switch
    {
        { InstanceId: not null } => "Object.Instance",
        { AttemptId: not null } => "Object.Attempt",
        { JobId: not null } => "Object.Job",
        { ProviderAppId: { } app } when Choices.Apps.All(one => one.Id != app) => "Object.App",
        { PlatformAccountId: { } account } when Choices.Accounts.All(one => one.Id != account) => "Object.Account",
        _ => null,
    };

    private static string? Text(ChangeEventArgs change) => change.Value as string;

    private static string? Day(DateOnly? day) => day?.ToString(DayForm, CultureInfo.InvariantCulture);

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private void ChoosePerson(ChangeEventArgs change) => Go(Query with
    {
        PersonId = Guid.TryParse(Text(change), out var person) ? person : null,
        WithoutPerson = Text(change) == ActivityAddress.Nobody,
    });

    private void ChooseObject(ChangeEventArgs change)
    {
        var parts = (Text(change) ?? "").Split(':');
        var id = parts.Length == 2 && Guid.TryParse(parts[1], out var one) ? one : (Guid?)null;
        Guid? Of(string kind) => parts[0] == kind ? id : null;
        Go(Query with { InstanceId = Of("instance"), AttemptId = Of("attempt"), JobId = Of("job"), ProviderAppId = Of("app"), PlatformAccountId = Of("account") });
    }

    private void Go(ActivityQuery query) => Navigation.NavigateTo(ActivityAddress.Write(ActivityAddress.Path, query with { Before = null, After = null }));
}
