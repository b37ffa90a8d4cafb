namespace AdminPortal.Features.Users;

/// <summary>Names the resource file with the texts of the people page.</summary>
public sealed class PeopleText;
