namespace AdminPortal.Features.People;

/// <summary>Names the resource file with the texts of the people page.</summary>
public sealed class PeopleText;
