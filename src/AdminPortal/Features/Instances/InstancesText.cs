namespace AdminPortal.Features.Instances;

/// <summary>Names the resource file with the texts of the list and of an instance's page.</summary>
public sealed class InstancesText;
